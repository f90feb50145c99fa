import type { ConversationState, TurnState } from "../protocol/conversation.ts";
import { toTurnSnapshot } from "../protocol/conversation-snapshot.ts";
import { isDelta, type DeltaEvent, type LogEvent } from "../protocol/events.ts";
import type { SessionId, TurnId } from "../protocol/ids.ts";
import type { ConversationMoment, LogNews } from "../streaming/ports.ts";
import type { KeptHead, Run } from "./conversation-records.ts";
import { recordKeys, SCHEMA_VERSION } from "./keys.ts";
import { charsOf } from "./plan-settled.ts";

/**
 * A run is begun anew when it holds so many times the text that is still unfinished, and this much at least: each text is
 * then written anew once per doubling at the most, and a load folds no more than that in vain. Unit: UTF-16 code units.
 */
const MAX_WASTE = 4;
const MIN_WASTED_CHARS = 65_536;

export interface TailPlan {
  /** Undefined: nothing is unfinished. */
  readonly run: Run | undefined;
  readonly put: ReadonlyMap<string, unknown>;
}

/** A run that goes on: the events that the disk, which is as `head` says, does not have, as one chunk. */
export function continueRun(
  sid: SessionId,
  head: KeptHead,
  run: Run,
  moment: ConversationMoment,
  isSettledOnDisk: (id: TurnId) => boolean,
): TailPlan & { readonly run: Run } {
  const events = mergeDeltas(eventsAfter(moment.news, head.seq, isSettledOnDisk));
  const { run: name, chunks: number } = run;
  if (events.length === 0)
    return { run: { run: name, chunks: number, seq: run.seq, chars: run.chars }, put: new Map() };
  const { seq } = moment.cursor;
  const chars = run.chars + textOf(events);
  const place = { version: SCHEMA_VERSION, run: name, number, seq, chars };
  const chunk = { kind: "events", ...place, after: head.seq, events };
  return {
    run: { run: name, chunks: number + 1, seq, chars },
    put: new Map([[recordKeys.chunk(sid, name, number), chunk]]),
  };
}

/** A run that begins: the unfinished turns as they are. */
export function beginRun(
  sid: SessionId,
  turns: readonly TurnState[],
  moment: ConversationMoment,
  run: string,
): TailPlan {
  if (turns.length === 0) return { run: undefined, put: new Map() };
  const { seq } = moment.cursor;
  const chars = charsOfAll(turns);
  const place = { version: SCHEMA_VERSION, run, number: 0, seq, chars };
  const base = { kind: "base", ...place, turns: turns.map(toTurnSnapshot) };
  return { run: { run, chunks: 1, seq, chars }, put: new Map([[recordKeys.chunk(sid, run, 0), base]]) };
}

/** Whether the disk, which is at `seq`, has not seen that turn end: then the run that it has holds the turn. */
export function endsInNews(news: LogNews, seq: number, turn: TurnId | undefined): boolean {
  return news.frames.some(
    (frame) =>
      frame.from > seq && frame.events.some((event) => event.type === "turn-ended" && event.turn === turn),
  );
}

/** Whether most of what the run holds has settled since: its turns have records of their own. */
export function isWorthBeginning(run: Run, turns: readonly TurnState[]): boolean {
  return run.chars > MIN_WASTED_CHARS && run.chars > MAX_WASTE * charsOfAll(turns);
}

/** The turns that follow the first `count` of the conversation. */
export function turnsAfter(moment: ConversationMoment, count: number): readonly TurnState[] {
  const inConversation = count - moment.earlier.length;
  const earlier = inConversation < 0 ? moment.earlier.slice(inConversation) : [];
  return [...earlier, ...skip(moment.conversation, Math.max(0, inConversation))];
}

function skip(conversation: ConversationState, count: number): TurnState[] {
  const out: TurnState[] = [];
  let index = 0;
  for (const turn of conversation.turns.values()) {
    if (index >= count) out.push(turn);
    index += 1;
  }
  return out;
}

/** A merged frame may begin before what the disk has: what it repeats of settled turns would bring them back as new ones. */
function eventsAfter(
  news: LogNews,
  seq: number,
  isSettledOnDisk: (id: TurnId) => boolean,
): readonly LogEvent[] {
  const out: LogEvent[] = [];
  for (const frame of news.frames) {
    if (frame.seq <= seq) continue;
    const isRepeating = frame.from <= seq;
    for (const event of frame.events) {
      // A session's row is in the head.
      if (event.type === "unknown" || event.type === "session-updated") continue;
      if (!isRepeating || !isSettledOnDisk(event.turn)) out.push(event);
    }
  }
  return out;
}

/** Deltas of one part that follow each other, and where the first of them stands. */
interface DeltaRun {
  readonly index: number;
  readonly first: DeltaEvent;
  readonly texts: string[];
  end: number;
}

/**
 * Deltas of one part as one, in the place of the first: parts keep the order in which they began. A frame that repeats
 * what was there begins a run of its own, and takes nothing from the one before it.
 */
function mergeDeltas(events: readonly LogEvent[]): readonly LogEvent[] {
  const merged: LogEvent[] = [];
  const runs: DeltaRun[] = [];
  const latest = new Map<string, DeltaRun>();
  for (const event of events) {
    if (!isDelta(event)) {
      merged.push(event);
      continue;
    }
    const key = `${event.turn} ${event.part}`;
    const known = latest.get(key);
    if (known?.end === event.offset && known.first.type === event.type) {
      known.texts.push(event.delta);
      known.end += event.delta.length;
      continue;
    }
    const end = event.offset + event.delta.length;
    const run = { index: merged.length, first: event, texts: [event.delta], end };
    runs.push(run);
    latest.set(key, run);
    merged.push(event);
  }
  for (const { index, first, texts } of runs) {
    if (texts.length > 1) merged[index] = { ...first, delta: texts.join("") };
  }
  return merged;
}

function textOf(events: readonly LogEvent[]): number {
  return events.reduce((sum, event) => sum + (isDelta(event) ? event.delta.length : 0), 0);
}

function charsOfAll(turns: readonly TurnState[]): number {
  return turns.reduce((sum, turn) => sum + charsOf(turn), 0);
}
