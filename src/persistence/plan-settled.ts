import type { TurnState } from "../protocol/conversation.ts";
import { toTurnSnapshot } from "../protocol/conversation-snapshot.ts";
import type { SessionId, TurnId } from "../protocol/ids.ts";
import type { ConversationMoment } from "../streaming/ports.ts";
import type { Run, SettledRun, SettledTurn } from "./conversation-records.ts";
import { FIRST_POSITION, recordKeys, SCHEMA_VERSION } from "./keys.ts";

/** What one transaction takes along of settled turns: what clones within a few milliseconds. One turn is always taken. */
const MAX_TURNS = 64;
const MAX_CHARS = 262_144;

/** Which settled turns keep their text in the chunks in which it was written while it came. */
export interface Referring {
  /** From this length on. Unit: UTF-16 code units. */
  readonly minChars: number;
  /** How much text the run may have, so many times the turn's own. */
  readonly maxSpread: number;
}

/** Long texts are neither copied again in one task, nor written twice. Shorter ones are read faster as one record. */
export const REFERRING: Referring = { minChars: 131_072, maxSpread: 2 };

/** A run that turns may go on having their text in. */
export interface Referable extends Referring {
  readonly run: Run;
}

/** Turns of one conversation in their order, held in two pieces. */
export interface TurnSequence {
  readonly length: number;
  at(index: number): TurnState | undefined;
}

export interface SettledPlan {
  readonly settled: SettledRun | undefined;
  /** How many of the settled turns in memory are on disk or stand before those that are; what follows is the tail's. */
  readonly keptCount: number;
  readonly put: ReadonlyMap<string, unknown>;
  /** There is a gap between the list on disk and what memory has: it is given up. */
  readonly hasGap: boolean;
  /** Whether all settled turns in memory are on disk then. */
  readonly isComplete: boolean;
  /** A turn has its text in the run on disk. */
  readonly isRunReferred: boolean;
}

/** The turns before the first unfinished one: no event can change them or their order any more. */
export function settledTurnsOf(moment: ConversationMoment): TurnSequence {
  const { earlier } = moment;
  const rest: TurnState[] = [];
  for (const turn of moment.conversation.turns.values()) {
    if (turn.status !== "ended") break;
    rest.push(turn);
  }
  return {
    length: earlier.length + rest.length,
    at: (index) => (index < earlier.length ? earlier[index] : rest[index - earlier.length]),
  };
}

/**
 * Which settled turns go to the disk: those behind what it has, each once, then those before, a few at a time. Lists of
 * two tabs can't mix: within an epoch the settled turns are the same sequence in every tab, and a tab goes on with a list
 * only where it finds the list's own last turn in its memory.
 */
export function planSettled(
  sid: SessionId,
  onDisk: SettledRun | undefined,
  turns: TurnSequence,
  fresh: string,
  /** The run that has all turns that follow the settled ones on disk; undefined when the disk has none. */
  run: Referable | undefined,
): SettledPlan {
  if (onDisk === undefined) return { ...beginList(sid, turns, fresh, run), hasGap: false };
  const last = lastIndexOf(turns, onDisk.lastTurn);
  if (last < 0) return { ...beginList(sid, turns, fresh, undefined), hasGap: true };

  const put = new Map<string, unknown>();
  const budget = createBudget();
  let { end, lastTurn, first, firstTurn } = onDisk;
  let index = last + 1;
  let isRunReferred = false;
  for (let turn = turns.at(index); turn !== undefined; turn = turns.at(index)) {
    const referred = referredBy(turn, run);
    if (referred === undefined && !budget.take(turn)) break;
    isRunReferred ||= referred !== undefined;
    put.set(recordKeys.turn(sid, onDisk.list, end), toRecord(onDisk.list, turn, referred));
    end += 1;
    lastTurn = turn.id;
    index += 1;
  }
  let before = firstIndexOf(turns, firstTurn, last) - 1;
  for (let turn = turns.at(before); before >= 0 && turn !== undefined && index === turns.length;) {
    if (!budget.take(turn)) break;
    first -= 1;
    put.set(recordKeys.turn(sid, onDisk.list, first), toRecord(onDisk.list, turn, undefined));
    firstTurn = turn.id;
    before -= 1;
    turn = turns.at(before);
  }
  return {
    settled: { list: onDisk.list, first, end, firstTurn, lastTurn },
    keptCount: index,
    put,
    hasGap: false,
    isComplete: index === turns.length && before < 0,
    isRunReferred,
  };
}

/** The latest turns first: they are what is shown first. The earlier ones are put before them by the saves that follow. */
function beginList(
  sid: SessionId,
  turns: TurnSequence,
  list: string,
  run: Referable | undefined,
): Omit<SettledPlan, "hasGap"> {
  const put = new Map<string, unknown>();
  const budget = createBudget();
  let first = FIRST_POSITION;
  let firstTurn: TurnId | undefined;
  let index = turns.length - 1;
  let isRunReferred = false;
  for (let turn = turns.at(index); index >= 0 && turn !== undefined;) {
    // Those before it may have come by pages, and be in no run.
    const referred = index === turns.length - 1 ? referredBy(turn, run) : undefined;
    if (referred === undefined && !budget.take(turn)) break;
    isRunReferred ||= referred !== undefined;
    first -= 1;
    put.set(recordKeys.turn(sid, list, first), toRecord(list, turn, referred));
    firstTurn = turn.id;
    index -= 1;
    turn = turns.at(index);
  }
  const lastTurn = turns.at(turns.length - 1)?.id;
  const settled =
    firstTurn === undefined || lastTurn === undefined
      ? undefined
      : { list, first, end: FIRST_POSITION, firstTurn, lastTurn };
  return { settled, keptCount: turns.length, put, isComplete: index < 0, isRunReferred };
}

function referredBy(turn: TurnState, to: Referable | undefined): Run | undefined {
  if (to === undefined) return undefined;
  const chars = charsOf(turn);
  return chars >= to.minChars && to.run.chars <= to.maxSpread * chars ? to.run : undefined;
}

function toRecord(list: string, turn: TurnState, run: Run | undefined): SettledTurn {
  return run === undefined
    ? { kind: "whole", version: SCHEMA_VERSION, list, turn: toTurnSnapshot(turn) }
    : { kind: "run", version: SCHEMA_VERSION, list, turn: turn.id, run };
}

function createBudget(): { take(turn: TurnState): boolean } {
  let left = MAX_TURNS;
  let chars = MAX_CHARS;
  return {
    take(turn) {
      const cost = charsOf(turn);
      if (left < MAX_TURNS && (left <= 0 || cost > chars)) return false;
      left -= 1;
      chars -= cost;
      return true;
    },
  };
}

/** UTF-16 code units of a turn's texts, the attachments included. */
export function charsOf(turn: TurnState): number {
  let chars = turn.text.length;
  for (const attachment of turn.attachments ?? []) chars += attachment.data.length;
  for (const part of turn.parts.values()) chars += part.buffer.length;
  return chars;
}

function lastIndexOf(turns: TurnSequence, id: TurnId): number {
  for (let index = turns.length - 1; index >= 0; index -= 1) if (turns.at(index)?.id === id) return index;
  return -1;
}

/** 0 when it isn't there: the disk reaches further back than memory. */
function firstIndexOf(turns: TurnSequence, id: TurnId, upTo: number): number {
  for (let index = 0; index <= upTo; index += 1) if (turns.at(index)?.id === id) return index;
  return 0;
}
