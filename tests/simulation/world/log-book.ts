import type { MemoryDisk } from "../../../src/backend/memory-store.ts";
import type { LogRow, StoreWrite } from "../../../src/backend/ports.ts";
import { scriptOf } from "./script.ts";
import { Violation } from "./violation.ts";

/** A part as the log tells it, by its own account: how long it was after which seq. */
export interface PartHistory {
  readonly type: "text" | "reasoning" | "tool";
  readonly seqs: number[];
  readonly lengths: number[];
}

export interface TurnHistory {
  readonly id: string;
  readonly firstText: string;
  /** [since seq, text]: an edit makes a new one. */
  readonly texts: [seq: number, text: string][];
  readonly isCopy: boolean;
  readonly isSteering: boolean;
  readonly queuedSeq: number;
  startedSeq: number;
  withdrawnSeq: number;
  endedSeq: number;
  outcome: string | undefined;
  readonly parts: Map<string, PartHistory>;
}

/** One incarnation of one session's log. */
export interface LogHistory {
  readonly session: string;
  readonly epoch: string;
  tail: number;
  readonly turns: Map<string, TurnHistory>;
  /** Turn ids in the order in which they are shown at the tail. */
  order: string[];
}

/**
 * What became durable, read row by row as it is committed, folded by rules of its own: the product's fold may be what is broken.
 * Complains of a log that can't be right: a hole, an answer that isn't its script, a turn that ends twice.
 */
export interface LogBook {
  committed(writes: readonly StoreWrite[]): void;
  restored(disk: MemoryDisk): void;
  /** The log as it is now; undefined when there is none, or it was deleted. */
  current(session: string): LogHistory | undefined;
  of(session: string, epoch: string): LogHistory | undefined;
  readonly sessions: ReadonlyMap<string, LogHistory>;
  readonly deleted: ReadonlySet<string>;
  /** Those that a restored backup has brought back included. */
  readonly everDeleted: ReadonlySet<string>;
  /** Somebody asked for that turn to be stopped; only such a one may be. */
  stopAsked(turn: string): void;
  events(): number;
  /** How often a backup was put back. */
  restores(): number;
}

interface RawEvent {
  readonly type: string;
  readonly turn?: string;
  readonly text?: string;
  readonly part?: string;
  readonly offset?: number;
  readonly delta?: string;
  readonly outcome?: string;
  readonly mode?: string;
  readonly replaces?: string;
  readonly continues?: string;
}

export function createLogBook(onViolation: (violation: Violation) => void): LogBook {
  const current = new Map<string, LogHistory>();
  const all = new Map<string, LogHistory>();
  const deleted = new Set<string>();
  const everDeleted = new Set<string>();
  const stops = new Set<string>();
  let events = 0;
  let restores = 0;

  const wrong = (message: string): void => onViolation(new Violation("log", message));

  function begin(session: string, epoch: string): LogHistory {
    const log: LogHistory = { session, epoch, tail: 0, turns: new Map(), order: [] };
    current.set(session, log);
    all.set(`${session} ${epoch}`, log);
    return log;
  }

  function addRow(log: LogHistory, row: LogRow): void {
    if (row.from !== log.tail + 1)
      wrong(`the log of ${log.session} has a row from ${row.from} after ${log.tail}`);
    const frame: unknown = JSON.parse(row.data);
    const rowEvents = (frame as { readonly events: readonly RawEvent[] }).events;
    const isWhole = rowEvents.length === row.seq - row.from + 1;
    for (const [index, event] of rowEvents.entries())
      addEvent(log, event, isWhole ? row.from + index : row.seq);
    events += row.seq - row.from + 1;
    log.tail = row.seq;
  }

  function addEvent(log: LogHistory, event: RawEvent, seq: number): void {
    if (event.turn === undefined) return;
    const turn = log.turns.get(event.turn);
    if (event.type === "turn-queued") {
      if (turn !== undefined) return wrong(`turn ${event.turn} is queued twice`);
      const text = event.text ?? "";
      log.turns.set(event.turn, {
        id: event.turn,
        firstText: text,
        texts: [[seq, text]],
        isCopy: event.replaces !== undefined || event.continues !== undefined,
        isSteering: event.mode === "steer",
        queuedSeq: seq,
        startedSeq: Infinity,
        withdrawnSeq: Infinity,
        endedSeq: Infinity,
        outcome: undefined,
        parts: new Map(),
      });
      log.order.push(event.turn);
      return;
    }
    if (turn === undefined) return wrong(`${event.type} of turn ${event.turn}, which was never queued`);
    if (turn.endedSeq !== Infinity) return wrong(`${event.type} after the end of turn ${turn.id}`);
    if (turn.withdrawnSeq !== Infinity) return wrong(`${event.type} after turn ${turn.id} was withdrawn`);
    switch (event.type) {
      case "turn-edited":
        turn.texts.push([seq, event.text ?? ""]);
        return;
      case "turn-withdrawn":
        turn.withdrawnSeq = seq;
        log.order = log.order.filter((id) => id !== turn.id);
        return;
      case "turn-started":
        turn.startedSeq = seq;
        moveBeforeQueued(log, turn);
        return;
      case "turn-ended":
        turn.endedSeq = seq;
        turn.outcome = event.outcome;
        if (event.outcome === "complete") checkComplete(log, turn);
        if (event.outcome === "stopped" && !stops.has(turn.id) && !isSteered(log)) {
          wrong(`turn ${turn.id} is stopped, which nobody asked for`);
        }
        return;
      case "tool-started":
        turn.parts.set(event.part ?? "", { type: "tool", seqs: [seq], lengths: [0] });
        return;
      case "text-delta":
      case "reasoning-delta":
      case "tool-delta":
        addDelta(log, turn, event, seq);
    }
  }

  function addDelta(log: LogHistory, turn: TurnHistory, event: RawEvent, seq: number): void {
    const name = event.part ?? "";
    const type = event.type === "text-delta" ? "text" : event.type === "tool-delta" ? "tool" : "reasoning";
    const part = turn.parts.get(name) ?? { type, seqs: [], lengths: [] };
    turn.parts.set(name, part);
    const length = part.lengths.at(-1) ?? 0;
    const delta = event.delta ?? "";
    if (event.offset !== length)
      wrong(`a delta of ${turn.id}/${name} at ${event.offset}, where ${length} is the end`);
    const script = scriptOf(log.session, turn.id).texts.get(name) ?? "";
    if (script.slice(length, length + delta.length) !== delta)
      wrong(`the log of ${turn.id}/${name} left its script`);
    part.seqs.push(seq);
    part.lengths.push(length + delta.length);
  }

  function checkComplete(log: LogHistory, turn: TurnHistory): void {
    for (const [name, text] of scriptOf(log.session, turn.id).texts) {
      const length = turn.parts.get(name)?.lengths.at(-1) ?? 0;
      if (length !== text.length)
        wrong(`turn ${turn.id} is complete with ${length} of ${text.length} of ${name}`);
    }
  }

  return {
    sessions: current,
    deleted,
    everDeleted,
    current: (session) => current.get(session),
    of: (session, epoch) => all.get(`${session} ${epoch}`),
    stopAsked: (turn) => void stops.add(turn),
    events: () => events,
    restores: () => restores,
    committed(writes) {
      for (const write of writes) {
        if (write.kind === "create") begin(write.record.summary.id, write.record.epoch);
        else if (write.kind === "delete") {
          current.delete(write.session);
          deleted.add(write.session);
          everDeleted.add(write.session);
        } else if (write.kind === "append") {
          const log = current.get(write.record.summary.id);
          if (log === undefined) wrong(`rows for ${write.record.summary.id}, which has no log`);
          else for (const row of write.rows) addRow(log, row);
        }
      }
    },
    restored(disk) {
      restores += 1;
      current.clear();
      deleted.clear();
      for (const sid of disk.deleted) deleted.add(sid);
      for (const [sid, kept] of disk.logs) {
        const log = begin(sid, kept.record.epoch);
        for (const row of kept.rows) addRow(log, row);
      }
    },
  };
}

/** A turn that starts ahead of the queue is shown ahead of it. */
function moveBeforeQueued(log: LogHistory, turn: TurnHistory): void {
  const at = log.order.indexOf(turn.id);
  const first = log.order.findIndex((id) => log.turns.get(id)?.startedSeq === Infinity);
  if (first < 0 || first >= at) return;
  log.order.splice(at, 1);
  log.order.splice(first, 0, turn.id);
}

/** A turn that steers waits to begin: what runs may be stopped for it. */
function isSteered(log: LogHistory): boolean {
  for (const turn of log.turns.values()) if (turn.isSteering && turn.startedSeq === Infinity) return true;
  return false;
}

/** How long a part was at `seq`. */
export function lengthAt(part: PartHistory, seq: number): number {
  let low = 0;
  let high = part.seqs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((part.seqs[middle] ?? Infinity) > seq) high = middle;
    else low = middle + 1;
  }
  return part.lengths[low - 1] ?? 0;
}

export function textAt(turn: TurnHistory, seq: number): string {
  let text = turn.firstText;
  for (const [since, edited] of turn.texts) if (since <= seq) text = edited;
  return text;
}

export function statusAt(turn: TurnHistory, seq: number): "queued" | "running" | "ended" {
  if (turn.endedSeq <= seq) return "ended";
  return turn.startedSeq <= seq ? "running" : "queued";
}
