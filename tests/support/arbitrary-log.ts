import * as fc from "fast-check";
import { isDelta, type LogEvent } from "../../src/protocol/events.ts";
import type { LogFrame } from "../../src/protocol/frames.ts";
import { agentId, approvalId, partId, turnId } from "./wire-samples.ts";

const PIECES = ["a", "bc", "\n", "\ud83d", "\ude00", "👍🏽", "\u2028", "def ghi", "\0", "é"];

interface DraftTurn {
  readonly number: number;
  status: "queued" | "running" | "over";
  readonly lengths: Map<string, number>;
  readonly openTools: Set<string>;
  readonly openApprovals: Set<string>;
}

/** A log as a backend would write it: several turns in flight, several parts each, every rule of PROTOCOL §4 kept. */
export const arbitraryLog: fc.Arbitrary<readonly LogEvent[]> = fc
  .array(fc.tuple(fc.nat(13), fc.nat(2), fc.nat(2), fc.nat(PIECES.length - 1)), { maxLength: 60 })
  .map((commands) => writeLog(commands));

function writeLog(commands: readonly (readonly [number, number, number, number])[]): LogEvent[] {
  const log: LogEvent[] = [];
  const turns: DraftTurn[] = [];
  for (const [command, whichTurn, whichPart, piece] of commands) {
    const at = 1_000 + log.length;
    if (command === 0 || turns.length === 0) {
      const draft: DraftTurn = {
        number: turns.length + 1,
        status: "queued",
        lengths: new Map(),
        openTools: new Set(),
        openApprovals: new Set(),
      };
      turns.push(draft);
      const mode = (["queue", "steer", "parallel"] as const)[whichPart] ?? "queue";
      log.push({
        type: "turn-queued",
        at,
        turn: turnId(draft.number),
        text: `question ${draft.number}`,
        mode,
        agent: agentId(),
      });
      continue;
    }
    const draft = turns[turns.length - 1 - (whichTurn % turns.length)];
    if (draft !== undefined) log.push(...actOn(draft, command, whichPart, PIECES[piece] ?? "", at));
  }
  return log;
}

function actOn(draft: DraftTurn, command: number, whichPart: number, delta: string, at: number): LogEvent[] {
  const turn = turnId(draft.number);
  if (draft.status === "queued") {
    if (command === 1) return [{ type: "turn-edited", at, turn, text: `edited ${delta}` }];
    if (command === 2) {
      draft.status = "over";
      return [{ type: "turn-withdrawn", at, turn }];
    }
    draft.status = "running";
    return [{ type: "turn-started", at, turn, agent: agentId(), ...(whichPart === 0 ? {} : { model: "m" }) }];
  }
  if (draft.status === "over") return [];
  const grow = (
    name: string,
  ): { at: number; turn: typeof turn; part: ReturnType<typeof partId>; offset: number; delta: string } => {
    const offset = draft.lengths.get(name) ?? 0;
    draft.lengths.set(name, offset + delta.length);
    return { at, turn, part: partId(name), offset, delta };
  };
  switch (command) {
    case 3:
    case 4:
    case 5:
      return [{ type: "text-delta", ...grow(`text-${whichPart}`) }];
    case 6:
    case 7:
      return [{ type: "reasoning-delta", ...grow(`why-${whichPart}`) }];
    case 8:
    case 9: {
      const name = `tool-${whichPart}`;
      if (draft.openTools.has(name)) return [{ type: "tool-delta", ...grow(name) }];
      if (draft.lengths.has(name)) return [];
      draft.openTools.add(name);
      draft.lengths.set(name, 0);
      return [{ type: "tool-started", at, turn, part: partId(name), name: "calc", input: { n: whichPart } }];
    }
    case 10: {
      const name = `tool-${whichPart}`;
      if (!draft.openTools.delete(name)) return [];
      return [{ type: "tool-ended", at, turn, part: partId(name), status: "complete", output: delta }];
    }
    case 11:
      return [{ type: "plan-updated", at, turn, entries: [{ text: delta, status: "active" }] }];
    case 12: {
      const name = `approval-${whichPart}`;
      if (draft.openApprovals.has(name)) {
        draft.openApprovals.delete(name);
        return [
          { type: "approval-resolved", at, turn, approval: approvalId(name), option: "yes", by: "user" },
        ];
      }
      if (draft.lengths.has(name)) return [];
      draft.lengths.set(name, 0);
      draft.openApprovals.add(name);
      return [
        {
          type: "approval-requested",
          at,
          turn,
          approval: approvalId(name),
          prompt: "ok?",
          options: [{ id: "yes", label: "Yes", kind: "allow" }],
        },
      ];
    }
    default:
      draft.status = "over";
      return [{ type: "turn-ended", at, turn, outcome: "complete", usage: { outputTokens: 1 } }];
  }
}

/** Events `from`..`seq` of a log as one frame, deltas of a part merged into the first of them (P3.13) if `isMerged`. */
export function cutFrame(log: readonly LogEvent[], from: number, seq: number, isMerged: boolean): LogFrame {
  const events = log.slice(from - 1, seq);
  if (!isMerged) return { from, seq, events };
  const merged: LogEvent[] = [];
  const places = new Map<string, number>();
  for (const event of events) {
    const key = isDelta(event) ? `${event.type} ${event.turn} ${event.part}` : undefined;
    const place = key === undefined ? undefined : places.get(key);
    const first = place === undefined ? undefined : merged[place];
    if (place !== undefined && first !== undefined && isDelta(first) && isDelta(event)) {
      merged[place] = { ...first, delta: first.delta + event.delta };
      continue;
    }
    if (key !== undefined) places.set(key, merged.length);
    merged.push(event);
  }
  return { from, seq, events: merged };
}
