import type { Snapshot } from "../protocol/snapshot.ts";
import { connectVerdict, failureWords } from "./api-verdict.ts";
import { ask } from "./ask.ts";
import type { CoreContext } from "./core-context.ts";
import { FOLLOW_MS } from "./delays.ts";
import type { HeldSession } from "./held-session.ts";
import { isUnfinished, markReattach, syncInflight } from "./inflight.ts";
import { adoptSnapshot } from "./stored-conversation.ts";
import type { StreamInput } from "./stream-state.ts";

/** The requests of a connection, beside its stream. A late answer finds another state object in its place (S6). */
export interface ConnectionReads {
  readSnapshot(held: HeldSession): Promise<void>;
  probe(held: HeldSession): Promise<void>;
  /** Reads the session again and again while no stream is to be had. */
  follow(held: HeldSession): Promise<void>;
}

export function createConnectionReads(
  context: CoreContext,
  dispatch: (held: HeldSession, input: StreamInput) => void,
  onSignedOut: () => void,
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
    if (answer.error.kind === "signed-out") onSignedOut();
    if (answer.error.kind === "update-needed") dispatch(held, { kind: "update-needed" });
    // Unreachable or the server's own trouble: the backoff is under way already.
  }

  async function follow(held: HeldSession): Promise<void> {
    const { state } = held.machine;
    const answer = await ask(ports.reporter, () => ports.api.snapshot(held.id));
    if (held.machine.state !== state || sessions.get(held.id) !== held) return;
    if (!answer.ok) {
      dispatch(held, { kind: "snapshot-failed", verdict: connectVerdict(answer.error) });
      return;
    }
    held.lastHeardAtMs = ports.clock.now();
    const { cursor } = answer.value;
    if (cursor.epoch !== held.cursor?.epoch || cursor.seq !== held.cursor.seq) {
      const unfinished = [...held.conversation.turns.values()].filter(isUnfinished);
      adopt(held, answer.value);
      if (held.hasBeenLive) {
        for (const { id } of unfinished) {
          if (held.conversation.turns.get(id)?.status === "ended") {
            context.emit({ kind: "ended", session: held.id, turn: id });
          }
        }
      }
    }
    held.hasBeenLive = true;
    held.source = "server";
    if (held.machine.state !== state) return;
    dispatch(held, { kind: "polled" });
    const next = held.machine.state;
    if (next.kind !== "following") return;
    held.retryTimer = ports.clock.setTimer(FOLLOW_MS, () => {
      if (held.machine.state === next) void follow(held);
    });
  }

  return { readSnapshot, probe, follow };
}
