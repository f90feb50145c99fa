import { createConversation, foldEvent, type ConversationState } from "../../src/protocol/conversation.ts";
import { toTurnSnapshot } from "../../src/protocol/conversation-snapshot.ts";
import { parseCursor, type Cursor } from "../../src/protocol/cursor.ts";
import type { LogEvent } from "../../src/protocol/events.ts";
import type { LogPage } from "../../src/protocol/events-page.ts";
import type { LogFrame } from "../../src/protocol/frames.ts";
import type { Epoch, SessionId } from "../../src/protocol/ids.ts";
import type { Snapshot } from "../../src/protocol/snapshot.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import { createFakeSources, type FakeSource, type FakeSources } from "./fake-sources.ts";
import { epoch, sampleSummary } from "./streaming-samples.ts";

/** One connection as the server sees it: what it has sent, and whether the other side is still there. */
export interface ServerConnection {
  readonly session: SessionId;
  readonly source: FakeSource;
  sent: number;
  epoch: Epoch;
  isGreeted: boolean;
  isCaughtUp: boolean;
  /** Refused: nothing follows. */
  isOver: boolean;
}

/**
 * A server of logs, small enough to be believed: an array per session and epoch. It sends one message when it is
 * told to, so that a test decides every interleaving. Logs of earlier epochs are kept to compare with.
 */
export interface LogServer {
  append(sid: SessionId, event: LogEvent): void;
  tail(sid: SessionId): number;
  epochOf(sid: SessionId): Epoch;
  /** The log up to `seq` of that epoch, folded. */
  folded(sid: SessionId, name: Epoch, seq: number): ConversationState;
  /** A backup is put back: the first `seq` events under a new epoch. */
  restore(sid: SessionId, seq: number): void;
  snapshot(sid: SessionId): Snapshot;
  /** A page of the log after `after`, in frames of up to three events; undefined where that cursor can't be continued. */
  eventsPage(sid: SessionId, after: Cursor | undefined, limit: number): LogPage | undefined;
  /** The sources of a new tab. `onOpen` hears of every one that is opened. */
  createSources(onOpen: (connection: ServerConnection) => void): FakeSources;
  /** Sends the next message that is due, a log frame of at most `events`. Answers whether there was one. */
  pump(connection: ServerConnection, events: number): boolean;
  /** Sends a frame of any range, due or not. */
  sendRange(connection: ServerConnection, from: number, seq: number): void;
}

export function createLogServer(): LogServer {
  const logs = new Map<string, LogEvent[]>();
  const epochs = new Map<SessionId, Epoch>();
  let epochCount = 0;

  function epochOf(sid: SessionId): Epoch {
    const known = epochs.get(sid);
    if (known !== undefined) return known;
    epochCount += 1;
    const name = epoch(`e${epochCount}`);
    epochs.set(sid, name);
    return name;
  }

  function logOf(sid: SessionId, name: Epoch): LogEvent[] {
    const key = `${sid} ${name}`;
    const known = logs.get(key);
    if (known !== undefined) return known;
    const log: LogEvent[] = [];
    logs.set(key, log);
    return log;
  }

  function folded(sid: SessionId, name: Epoch, seq: number): ConversationState {
    const conversation = createConversation();
    for (const event of logOf(sid, name).slice(0, seq)) foldEvent(conversation, event);
    return conversation;
  }

  const tail = (sid: SessionId): number => logOf(sid, epochOf(sid)).length;

  function sendRange(connection: ServerConnection, from: number, seq: number): void {
    const events = logOf(connection.session, connection.epoch).slice(from - 1, seq);
    if (events.length === 0) return;
    connection.source.frame({ from, seq: from + events.length - 1, events });
  }

  function greet(connection: ServerConnection): void {
    const sid = connection.session;
    const name = epochOf(sid);
    const after = new URL(connection.source.url, "http://x").searchParams.get("after");
    const parsed = after === null ? undefined : parseCursor(after);
    const cursor = parsed?.ok === true ? parsed.value : { epoch: name, seq: 0 };
    connection.isGreeted = true;
    connection.epoch = name;
    connection.sent = cursor.seq;
    connection.source.control({
      name: "hello",
      protocol: PROTOCOL_VERSION,
      session: sid,
      epoch: name,
      tail: tail(sid),
      heartbeatMs: 10_000,
      version: "model",
    });
    if (cursor.epoch === name && cursor.seq <= tail(sid)) return;
    connection.isOver = true;
    connection.source.control({ name: "resync", reason: cursor.epoch === name ? "ahead" : "epoch" });
  }

  return {
    append(sid, event) {
      logOf(sid, epochOf(sid)).push(event);
    },
    tail,
    epochOf,
    folded,
    restore(sid, seq) {
      const kept = logOf(sid, epochOf(sid)).slice(0, seq);
      epochs.delete(sid);
      logOf(sid, epochOf(sid)).push(...kept);
    },
    snapshot(sid) {
      const seq = tail(sid);
      const name = epochOf(sid);
      const turns = [...folded(sid, name, seq).turns.values()].map(toTurnSnapshot);
      return { session: sampleSummary(sid), cursor: { epoch: name, seq }, turns, hasMore: false };
    },
    eventsPage(sid, after, limit) {
      const name = epochOf(sid);
      const start = after ?? { epoch: name, seq: 0 };
      if (start.epoch !== name || start.seq > tail(sid)) return undefined;
      const end = Math.min(tail(sid), start.seq + limit);
      const frames: LogFrame[] = [];
      for (let from = start.seq + 1; from <= end; from += 3) {
        const seq = Math.min(from + 2, end);
        frames.push({ from, seq, events: logOf(sid, name).slice(from - 1, seq) });
      }
      return { frames, cursor: { epoch: name, seq: end }, hasMore: end < tail(sid) };
    },
    createSources: (onOpen) =>
      createFakeSources((source) => {
        const sid = source.url.split("/")[3];
        const session = [...epochs.keys()].find((known) => known === sid);
        if (session === undefined) throw new Error(`stream of an unknown session: ${source.url}`);
        onOpen({
          session,
          source,
          sent: 0,
          epoch: epochOf(session),
          isGreeted: false,
          isCaughtUp: false,
          isOver: false,
        });
      }),
    pump(connection, events) {
      if (connection.isOver) return false;
      if (!connection.isGreeted) {
        greet(connection);
        return true;
      }
      const end = logOf(connection.session, connection.epoch).length;
      if (connection.epoch !== epochOf(connection.session)) {
        // The server that held this connection died with the restore.
        connection.isOver = true;
        connection.source.error();
        return true;
      }
      if (connection.sent < end) {
        const seq = Math.min(connection.sent + Math.max(1, events), end);
        const from = connection.sent + 1;
        connection.sent = seq;
        sendRange(connection, from, seq);
        return true;
      }
      if (connection.isCaughtUp) return false;
      connection.isCaughtUp = true;
      connection.source.control({ name: "caught-up", tail: end });
      return true;
    },
    sendRange,
  };
}
