import type { Backend, StreamStart, StreamSubscription } from "../../../src/backend/backend-types.ts";
import type { StreamSink } from "../../../src/backend/ports.ts";
import { problem } from "../../../src/protocol/problems.ts";
import { err } from "../../../src/protocol/result.ts";
import type { Bye } from "../../../src/protocol/frames.ts";
import { controlMessage } from "../../../src/protocol/sse.ts";

/** One stream as the fake saw it. */
interface FakeStream {
  readonly session: string;
  readonly start: StreamStart;
  readonly sink: StreamSink;
  drains: number;
  unsubscribed: number;
}

export interface FakeBackend extends Backend {
  readonly streams: FakeStream[];
}

/** A backend that knows no session and records its streams; a test overrides what it needs. */
export function createFakeBackend(overrides: Partial<Backend> = {}): FakeBackend {
  const streams: FakeStream[] = [];
  const refuse = () => Promise.resolve(err(problem("session-not-found", "There is no such session.")));
  return {
    streams,
    agents: () => Promise.resolve(JSON.parse('{"agents":[],"default":"demo"}')),
    listSessions: () => ({ sessions: [], hasMore: false, version: "v1" }),
    createSession: refuse,
    updateSession: refuse,
    deleteSession: refuse,
    snapshot: refuse,
    snapshotVersion: () => err(problem("session-not-found", "There is no such session.")),
    events: refuse,
    search: refuse,
    openStream(session, start, sink): StreamSubscription {
      const stream: FakeStream = { session, start, sink, drains: 0, unsubscribed: 0 };
      streams.push(stream);
      sink.write({ event: "hello", data: "{}" });
      return {
        onDrain: () => {
          stream.drains += 1;
        },
        unsubscribe: () => {
          stream.unsubscribed += 1;
        },
        end(bye: Bye) {
          sink.write(controlMessage({ name: "bye", ...bye }));
          sink.end();
        },
        delivered: () => Promise.resolve(),
      };
    },
    sendTurn: refuse,
    editTurn: refuse,
    withdrawTurn: refuse,
    stopTurn: refuse,
    resolveApproval: refuse,
    openStreams: () => streams.length,
    drain: () => Promise.resolve(),
    ...overrides,
  };
}
