import { expect } from "vitest";
import { readSse, type SseBlock, type SseReader } from "../support/sse-reader.ts";
import type { ConformanceTarget } from "./target.ts";
import type { LogEvent, LogEventOf } from "./wire-events.ts";
import {
  readControl,
  readFrameJson,
  type ControlFrame,
  type ControlFrameOf,
  type ControlName,
  type LogFrame,
} from "./wire-frames.ts";
import { readCursor, type Cursor, type TurnId } from "./wire-values.ts";

export type Received =
  | { readonly kind: "log"; readonly cursor: Cursor; readonly frame: LogFrame; readonly bytes: number }
  | { readonly kind: "control"; readonly frame: ControlFrame }
  | { readonly kind: "retry"; readonly retryMs: number };

/** A stream, every block checked as it is looked at: P3.9, P3.11, P3.12 hold for whatever a test reads. */
export interface StreamReading {
  readonly response: Response;
  readonly blocks: readonly SseBlock[];
  readonly arrivedAtMs: readonly number[];
  readonly byteCount: () => number;
  /** Everything received so far. Throws on a block that breaks a rule. */
  received(): readonly Received[];
  frames(): readonly LogFrame[];
  events(): readonly LogEvent[];
  controls(): readonly ControlFrame[];
  readonly until: <Found>(what: string, find: () => Found | undefined) => Promise<Found>;
  untilControl<Name extends ControlName>(name: Name, count?: number): Promise<ControlFrameOf<Name>>;
  untilEvent(what: string, matches: (event: LogEvent) => boolean): Promise<LogEvent>;
  untilEnded(turn: TurnId): Promise<LogEventOf<"turn-ended">>;
  /** Waits until all of the log up to `seq` has come. */
  untilSeq(seq: number): Promise<void>;
  readonly untilEnd: SseReader["untilEnd"];
  readonly hasEnded: () => boolean;
  readonly close: () => Promise<void>;
}

function receive(block: SseBlock): Received | undefined {
  if (block.retryMs !== undefined) return { kind: "retry", retryMs: block.retryMs };
  const { event, id, data } = block;
  if (event === undefined && id === undefined && data === undefined) return undefined;
  if (data === undefined) throw new Error(`[P3.9] a message without data: ${JSON.stringify(block)}`);
  if (event !== undefined) {
    if (id !== undefined) throw new Error(`[P3.12] control frame ${event} has the id ${id}`);
    return { kind: "control", frame: readControl(event, data) };
  }
  if (id === undefined) throw new Error(`[P3.11] a log frame without an id: ${data.slice(0, 200)}`);
  const cursor = readCursor(id);
  const frame = readFrameJson(data);
  if (cursor.seq !== frame.seq) throw new Error(`[P3.11] the id ${id} on a frame up to ${frame.seq}`);
  return { kind: "log", cursor, frame, bytes: new TextEncoder().encode(data).byteLength };
}

/** Far above what anything takes on an idle machine: a busy one must not make the suite lie. Unit: ms. */
const PATIENCE_MS = 20_000;

/** How often that much is waited for an event while others come. */
const MOST_ROUNDS = 4;

/** Waits leave room for a few of the target's heartbeats. */
export function readStream(
  response: Response,
  target: Pick<ConformanceTarget, "heartbeatMs" | "patienceMs">,
): StreamReading {
  const reader = readSse(response, (target.patienceMs ?? PATIENCE_MS) + 5 * target.heartbeatMs);
  const mostRounds = target.patienceMs === undefined ? MOST_ROUNDS : 1;
  const received: Received[] = [];
  let taken = 0;
  const all = (): readonly Received[] => {
    for (; taken < reader.blocks.length; taken += 1) {
      const block = reader.blocks[taken];
      const item = block && receive(block);
      if (item !== undefined) received.push(item);
    }
    return received;
  };
  const frames = (): LogFrame[] => all().flatMap((item) => (item.kind === "log" ? [item.frame] : []));
  const controls = (): ControlFrame[] =>
    all().flatMap((item) => (item.kind === "control" ? [item.frame] : []));
  const events = (): LogEvent[] => frames().flatMap((frame) => frame.events);
  /** Waits again, a few times, where the log went on meanwhile: a slow machine is no silent server. */
  const untilLogged = async <Found>(what: string, find: () => Found | undefined): Promise<Found> => {
    for (let round = 1; ; round += 1) {
      const seen = frames().length;
      try {
        return await reader.waitFor(what, find);
      } catch (error) {
        if (round === mostRounds || reader.hasEnded() || frames().length === seen) throw error;
      }
    }
  };
  const untilEvent: StreamReading["untilEvent"] = (what, matches) =>
    untilLogged(what, () => events().find((event) => matches(event)));
  return {
    response,
    blocks: reader.blocks,
    arrivedAtMs: reader.arrivedAtMs,
    byteCount: reader.byteCount,
    received: all,
    frames,
    events,
    controls,
    until: untilLogged,
    untilControl: <Name extends ControlName>(name: Name, count = 1) =>
      reader.waitFor(`${count} ${name}`, () => {
        const found = controls().filter((frame): frame is ControlFrameOf<Name> => frame.name === name);
        return found[count - 1];
      }),
    untilEvent,
    async untilEnded(turn) {
      const event = await untilEvent(
        `turn-ended of ${turn}`,
        (it) => it.type === "turn-ended" && it.turn === turn,
      );
      if (event.type !== "turn-ended") throw new Error("found another event");
      return event;
    },
    async untilSeq(seq) {
      await untilLogged(`seq ${seq}`, () =>
        (frames().at(-1)?.seq ?? 0) >= seq || seq === 0 ? true : undefined,
      );
    },
    untilEnd: reader.untilEnd,
    hasEnded: reader.hasEnded,
    close: reader.close,
  };
}

/** P3.16: no hole, no overlap, from `after` on. */
export function expectContiguous(frames: readonly LogFrame[], after: number): void {
  let seq = after;
  for (const frame of frames) {
    expect(frame.from, `a frame ${frame.from}..${frame.seq} after seq ${seq}`).toBe(seq + 1);
    seq = frame.seq;
  }
}

/** The texts of one turn's parts. Within one reading every delta must lie exactly at its buffer's end. */
export function foldTexts(events: readonly LogEvent[], turn: TurnId): Map<string, string> {
  const texts = new Map<string, string>();
  for (const event of events) {
    if (event.type !== "text-delta" && event.type !== "reasoning-delta" && event.type !== "tool-delta")
      continue;
    if (event.turn !== turn) continue;
    const key = `${event.type} ${event.part}`;
    const known = texts.get(key) ?? "";
    expect(event.offset, `offset of a ${key}`).toBe(known.length);
    texts.set(key, known + event.delta);
  }
  return texts;
}

/** The answer of a turn: its text parts in the order in which they began. */
export function answerText(events: readonly LogEvent[], turn: TurnId): string {
  return [...foldTexts(events, turn)]
    .filter(([key]) => key.startsWith("text-delta "))
    .map(([, text]) => text)
    .join("");
}

/** What happened to turns, without the deltas: `started A`, `ended A complete` … for comparing an order. */
export function turnStory(events: readonly LogEvent[], names: ReadonlyMap<TurnId, string>): string[] {
  return events.flatMap((event) => {
    if (!("turn" in event)) return [];
    const name = names.get(event.turn) ?? "?";
    if (event.type === "turn-queued") return [`queued ${name}`];
    if (event.type === "turn-started") return [`started ${name}`];
    if (event.type === "turn-ended") return [`ended ${name} ${event.outcome}`];
    if (event.type === "turn-withdrawn") return [`withdrawn ${name}`];
    return [];
  });
}
