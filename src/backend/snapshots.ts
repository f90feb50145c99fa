import { formatCursor } from "../protocol/cursor.ts";
import { toTurnSnapshot } from "../protocol/conversation-snapshot.ts";
import {
  bufferText,
  createConversation,
  foldEvent,
  type ConversationState,
  type TurnState,
} from "../protocol/conversation.ts";
import type { LogEvent, LogEventOf, Outcome } from "../protocol/events.ts";
import type { TurnId } from "../protocol/ids.ts";
import { DEFAULT_SNAPSHOT_TURNS, MAX_SNAPSHOT_TURNS } from "../protocol/limits.ts";
import type { PageRequest, WireSnapshot } from "../protocol/snapshot.ts";
import type { LogStore, Reporter } from "./ports.ts";
import type { SessionLog } from "./session-log.ts";
import { decodeRow, isKnownEvent } from "./stored-event.ts";

/** A log folded up to its tail, and what else its events tell that the fold does not keep. */
export interface LoadedConversation {
  readonly conversation: ConversationState;
  /** Every turn that was ever accepted, as it was accepted: later edits and withdrawals don't count. */
  readonly accepted: Map<TurnId, LogEventOf<"turn-queued">>;
  /** Of each `parallel` turn: what had ended when it was sent. */
  readonly endedAtSend: Map<TurnId, ReadonlySet<TurnId>>;
  /** How the turn ended that the log ends last, whatever the times say: a clock may have been set back. */
  lastOutcome: Outcome | undefined;
  foldedTo: number;
}

/** Idle conversations kept in memory. Those with open turns are always kept beside them. */
const MAX_IDLE_LOADED = 32;
const LOAD_READ_BYTES = 1024 * 1024;

/** Folds logs on demand and keeps what was folded in step with every commit. */
export class Snapshots {
  readonly #store: LogStore;
  readonly #reporter: Reporter;
  /** In the order of use, the oldest first. */
  readonly #loaded = new Map<SessionLog, LoadedConversation>();
  readonly #loading = new Map<SessionLog, Promise<LoadedConversation>>();

  constructor(store: LogStore, reporter: Reporter) {
    this.#store = store;
    this.#reporter = reporter;
  }

  /** The conversation folded exactly up to `log.tail` at the moment the promise resolves, and in step from then on. */
  async load(log: SessionLog): Promise<LoadedConversation> {
    const known = this.#loaded.get(log);
    if (known !== undefined) {
      this.#loaded.delete(log);
      this.#loaded.set(log, known);
      return known;
    }
    let loading = this.#loading.get(log);
    if (loading === undefined) {
      loading = this.#read(log).finally(() => this.#loading.delete(log));
      this.#loading.set(log, loading);
    }
    return loading;
  }

  /** Called with each commit, synchronously, so that a fold is never behind its log's head. */
  committed(log: SessionLog, events: readonly LogEvent[]): void {
    const loaded = this.#loaded.get(log);
    if (loaded === undefined) return;
    for (const event of events) this.#fold(log, loaded, event);
    loaded.foldedTo = log.tail;
  }

  forget(log: SessionLog): void {
    this.#loaded.delete(log);
  }

  async #read(log: SessionLog): Promise<LoadedConversation> {
    const loaded: LoadedConversation = {
      conversation: createConversation(),
      accepted: new Map(),
      endedAtSend: new Map(),
      lastOutcome: undefined,
      foldedTo: 0,
    };
    // Commits may come between the reads; only when nothing is left are later ones handed over by `committed`.
    while (loaded.foldedTo < log.tail && !log.isDeleted) {
      const rows = await log.readRows(this.#store, loaded.foldedTo, LOAD_READ_BYTES);
      // Deleted between two reads: what is left of it is nobody's.
      if (log.isDeleted) break;
      if (rows.length === 0)
        throw new Error(`The log of a session ends at ${loaded.foldedTo}, not at ${log.tail}.`);
      for (const row of rows) {
        for (const event of decodeRow(row).events) {
          if (isKnownEvent(event)) this.#fold(log, loaded, event);
        }
        loaded.foldedTo = row.seq;
      }
    }
    if (!log.isDeleted) {
      this.#loaded.set(log, loaded);
      this.#evict();
    }
    return loaded;
  }

  #evict(): void {
    let idle = 0;
    for (const log of this.#loaded.keys()) if (log.head.open.size === 0) idle += 1;
    for (const log of this.#loaded.keys()) {
      if (idle <= MAX_IDLE_LOADED) return;
      if (log.head.open.size > 0) continue;
      this.#loaded.delete(log);
      idle -= 1;
    }
  }

  #fold(log: SessionLog, loaded: LoadedConversation, event: LogEvent): void {
    const { conversation } = loaded;
    if (event.type === "turn-queued" && !loaded.accepted.has(event.turn)) {
      loaded.accepted.set(event.turn, event);
      if (event.mode === "parallel") loaded.endedAtSend.set(event.turn, endedTurns(conversation));
    }
    if (event.type === "turn-ended") loaded.lastOutcome = event.outcome;
    const outcome = foldEvent(conversation, event);
    if (outcome.kind === "hole")
      this.#reporter.warn(`The log of session ${log.id} has a hole: ${outcome.why}`);
    if (outcome.kind === "ended") joinChunks(conversation.turns.get(outcome.turn));
  }
}

function endedTurns(conversation: ConversationState): ReadonlySet<TurnId> {
  const ended = new Set<TurnId>();
  for (const turn of conversation.turns.values()) if (turn.status === "ended") ended.add(turn.id);
  return ended;
}

/** An ended buffer grows no more: one string instead of one per delta. */
function joinChunks(turn: TurnState | undefined): void {
  for (const part of turn?.parts.values() ?? []) {
    if (part.buffer.chunks.length > 1) part.buffer.chunks.splice(0, Infinity, bufferText(part.buffer));
  }
}

/** Text and attachments of a page, beyond which it holds fewer turns than asked for. Unit: UTF-16 code units. */
const MAX_PAGE_CHARS = 16 * 1024 * 1024;

/** A page of pictures must not be too long a text to be written at all, nor a minute on its way. One turn is always taken. */
function startThatFits(turns: readonly TurnState[], first: number, end: number): number {
  let chars = 0;
  for (let index = end - 1; index >= first; index -= 1) {
    chars += charsOf(turns[index]);
    if (chars > MAX_PAGE_CHARS && index < end - 1) return index + 1;
  }
  return first;
}

/** The same from the beginning on. Two turns are always taken: who goes on from the last of a page has the first already. */
function endThatFits(turns: readonly TurnState[], start: number, end: number): number {
  let chars = 0;
  for (let index = start; index < end; index += 1) {
    chars += charsOf(turns[index]);
    if (chars > MAX_PAGE_CHARS && index > start + 1) return index;
  }
  return end;
}

function charsOf(turn: TurnState | undefined): number {
  if (turn === undefined) return 0;
  let chars = turn.text.length;
  for (const file of turn.attachments ?? []) chars += file.data.length;
  for (const part of turn.parts.values()) chars += part.buffer.length;
  return chars;
}

/**
 * One page of a snapshot: the newest turns, those before `before`, or those from `from` on (PX.20). The newest page
 * reaches back to the first unfinished turn, so that it has all of them and pages stay contiguous. Undefined when the turn
 * that is named is unknown.
 */
export function snapshotPage(
  log: SessionLog,
  loaded: LoadedConversation,
  page: PageRequest,
): WireSnapshot | undefined {
  const turns = [...loaded.conversation.turns.values()];
  const count = Math.min(Math.max(1, page.turns ?? DEFAULT_SNAPSHOT_TURNS), MAX_SNAPSHOT_TURNS);
  const answer = (start: number, end: number): WireSnapshot => ({
    session: log.head.record.summary,
    cursor: formatCursor({ epoch: log.epoch, seq: loaded.foldedTo }),
    turns: turns.slice(start, end).map(toTurnSnapshot),
    hasMore: start > 0,
  });
  if (page.from !== undefined) {
    const start = page.from === "first" ? 0 : turns.findIndex((turn) => turn.id === page.from);
    if (start < 0) return undefined;
    const end = endThatFits(turns, start, Math.min(turns.length, start + count));
    return { ...answer(start, end), hasLater: end < turns.length };
  }
  let end = turns.length;
  if (page.before !== undefined) {
    end = turns.findIndex((turn) => turn.id === page.before);
    if (end < 0) return undefined;
  }
  let start = startThatFits(turns, Math.max(0, end - count), end);
  if (page.before === undefined) {
    const firstOpen = turns.findIndex((turn) => turn.status !== "ended");
    if (firstOpen >= 0) start = Math.min(start, firstOpen);
  }
  return answer(start, end);
}
