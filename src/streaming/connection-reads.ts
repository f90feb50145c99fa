import type { LogPage } from "../protocol/events-page.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { connectVerdict, failureWords } from "./api-verdict.ts";
import { ask } from "./ask.ts";
import type { CoreContext } from "./core-context.ts";
import { FOLLOW_IDLE_MS, FOLLOW_MS, FOLLOW_PAGE_EVENTS } from "./delays.ts";
import { noteTimeline, type HeldSession } from "./held-session.ts";
import { markReattach, syncInflight } from "./inflight.ts";
import { foldFrame, hole } from "./receive-message.ts";
import { adoptSnapshot } from "./stored-conversation.ts";
import type { ApiFailure } from "./ports.ts";
import type { StreamInput } from "./stream-state.ts";

/** The requests of a connection, beside its stream. A late answer finds another state object in its place (S6). */
export interface ConnectionReads {
  readSnapshot(held: HeldSession): Promise<void>;
  probe(held: HeldSession): Promise<void>;
  /** Reads the log from the cursor on, page by page and again and again, while no stream is to be had. */
  follow(held: HeldSession): Promise<void>;
}

export interface ReadHooks {
  onSignedOut(): void;
  /** The log is about to be read because no stream is to be had. */
  onFollow(): void;
}

export function createConnectionReads(
  context: CoreContext,
  dispatch: (held: HeldSession, input: StreamInput) => void,
  hooks: ReadHooks,
): ConnectionReads {
  const { ports, sessions } = context;

  function adopt(held: HeldSession, snapshot: Snapshot): void {
    adoptSnapshot(held, snapshot);
    syncInflight(context.INFLIGHT, held.id, held.conversation, snapshot.cursor, ports.clock.now());
    // No stream is open on what is unfinished, and one is to be: `hello` takes the mark off (S4).
    markReattach(context.INFLIGHT, held.id);
    context.saves.touch(held.id);
    void context.saves.saveNow(held.id);
    context.emit({ kind: "conversation", session: held.id });
    context.emit({ kind: "summary", session: held.id });
  }

  async function readSnapshot(held: HeldSession): Promise<void> {
    const { state } = held.machine;
    const answer = await ask(ports.reporter, () => ports.api.snapshot(held.id));
    if (held.machine.state !== state || sessions.get(held.id) !== held) return;
    if (!answer.ok) {
      held.failure = failureWords(answer.error);
      dispatch(held, { kind: "snapshot-failed", verdict: connectVerdict(answer.error) });
      return;
    }
    held.lastHeardAtMs = ports.clock.now();
    adopt(held, answer.value);
    // A listener may have switched while it was told.
    if (held.machine.state === state) dispatch(held, { kind: "snapshot-ok" });
  }

  async function probe(held: HeldSession): Promise<void> {
    const { state } = held.machine;
    const answer = await ask(ports.reporter, () => ports.api.probe());
    if (answer.ok || held.machine.state !== state || sessions.get(held.id) !== held) return;
    if (answer.error.kind === "signed-out") hooks.onSignedOut();
    if (answer.error.kind === "update-needed") dispatch(held, { kind: "update-needed" });
    // Unreachable or the server's own trouble: the backoff is under way already.
  }

  async function follow(held: HeldSession): Promise<void> {
    const { state } = held.machine;
    const isLate = (): boolean => held.machine.state !== state || sessions.get(held.id) !== held;
    const after = held.cursor;
    hooks.onFollow();
    const answer = await ask(ports.reporter, () => ports.api.events(held.id, after, FOLLOW_PAGE_EVENTS));
    if (isLate()) return;
    if (!answer.ok) {
      const isBadCursor = answer.error.kind === "problem" && answer.error.problem.code === "bad-cursor";
      if (isBadCursor || isUnreadableAgain(held, answer.error)) {
        // What `resync` is on a stream.
        noteTimeline(held, ports.clock.now(), "resync");
        dispatch(held, { kind: "resync" });
      } else {
        dispatch(held, { kind: "snapshot-failed", verdict: connectVerdict(answer.error) });
      }
      return;
    }
    held.unreadablePages = 0;
    held.lastHeardAtMs = ports.clock.now();
    const page = answer.value;
    const input = foldPage(held, page, isLate);
    if (isLate()) return;
    if (input !== undefined) {
      const hasProgressed = held.cursor !== undefined && held.cursor.seq > (after?.seq ?? 0);
      dispatch(held, input.kind === "hole" ? { ...input, hasProgressed } : input);
      return;
    }
    if (page.hasMore) {
      // The next page is another answer, and so another task: a long way behind never holds the page up.
      void follow(held);
      return;
    }
    held.hasBeenLive = true;
    held.source = "server";
    dispatch(held, { kind: "polled" });
    const next = held.machine.state;
    if (next.kind !== "following") return;
    const delayMs = context.INFLIGHT.has(held.id) ? FOLLOW_MS : FOLLOW_IDLE_MS;
    held.retryTimer = ports.clock.setTimer(delayMs, () => {
      held.retryTimer = undefined;
      if (held.machine.state === next) void follow(held);
    });
  }

  /** Garbled on the way once, a page is asked for again; twice, it is the page itself, and the snapshot leads past it. */
  function isUnreadableAgain(held: HeldSession, failure: ApiFailure): boolean {
    if (failure.kind !== "unreachable" || failure.isUnreadable !== true) return false;
    held.unreadablePages += 1;
    ports.reporter.warn(`session ${held.id}: a page of the log can't be read. ${failure.message}`);
    return held.unreadablePages > 1;
  }

  /** Folds a page as a stream would bring it: the same frames, the same rules. Answers what it means for the connection. */
  function foldPage(held: HeldSession, page: LogPage, isLate: () => boolean): StreamInput | undefined {
    // Only a session begun here has no cursor: its empty conversation is the beginning of its log.
    held.cursor ??= { epoch: page.cursor.epoch, seq: 0 };
    if (page.cursor.epoch !== held.cursor.epoch) return { kind: "resync" };
    held.latestEpoch = page.cursor.epoch;
    held.isEpochConfirmed = true;
    const before = held.cursor.seq;
    for (const frame of page.frames) {
      const input = foldFrame(context, held, frame);
      // No stream is open on what is unfinished, and one is to be: `hello` takes the mark off (S4).
      markReattach(context.INFLIGHT, held.id);
      // A listener may have switched while it was told.
      if (input !== undefined || isLate()) return input;
    }
    held.tail = Math.max(held.tail, page.cursor.seq);
    if (held.cursor.seq < page.cursor.seq) {
      return hole(context, held, `the page ends at ${page.cursor.seq}, but only ${held.cursor.seq} arrived`);
    }
    // It would be asked for again for ever.
    if (page.hasMore && held.cursor.seq === before)
      return hole(context, held, "a page of the log brought nothing");
    return undefined;
  }

  return { readSnapshot, probe, follow };
}
