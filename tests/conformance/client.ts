import { expect } from "vitest";
import type { LogEvent } from "../../src/protocol/events.ts";
import { parseLogFrame, type LogFrame } from "../../src/protocol/frames.ts";
import { SessionIdSchema, TurnIdSchema, type SessionId, type TurnId } from "../../src/protocol/ids.ts";
import { parse } from "../../src/protocol/parse.ts";
import {
  ProblemSchema,
  PROBLEM_STATUS,
  type Problem,
  type ProblemCode,
} from "../../src/protocol/problems.ts";
import {
  SessionSummarySchema,
  SnapshotSchema,
  type SessionSummary,
  type Snapshot,
} from "../../src/protocol/snapshot.ts";
import { knownEvents, readStream, type StreamReading } from "./stream-reading.ts";
import type { ConformanceTarget } from "./target.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. Throws when it is none. */
  json(): unknown;
}

export interface Log {
  readonly frames: readonly LogFrame[];
  readonly events: readonly LogEvent[];
  readonly epoch: string;
  readonly tail: number;
}

export interface SendExtras {
  readonly id?: TurnId;
  readonly mode?: "queue" | "steer" | "parallel";
  readonly steers?: TurnId;
  readonly replaces?: TurnId;
  readonly continues?: TurnId;
  readonly agent?: string;
  readonly attachments?: readonly { name: string; mediaType: string; data: string }[];
}

/** A running turn, and the stream that saw it begin to speak. */
export interface RunningTurn {
  readonly tid: TurnId;
  readonly stream: StreamReading;
}

export interface StreamStart {
  readonly after?: string;
  readonly lastEventId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a test says to a backend, over HTTP alone. */
export interface Client {
  readonly target: ConformanceTarget;
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** A new session. */
  create(title?: string): Promise<SessionId>;
  /** Sends and expects 202. */
  send(sid: SessionId, text: string, extras?: SendExtras): Promise<TurnId>;
  open(sid: SessionId | string, start?: StreamStart): Promise<StreamReading>;
  /** Sends, and reads a stream of its own until the turn has ended. */
  play(sid: SessionId, text: string, extras?: SendExtras): Promise<TurnId>;
  /** Sends, and reads until the turn has said something. Without a text: {@link ENDLESS}. */
  begin(sid: SessionId, text?: string, extras?: SendExtras): Promise<RunningTurn>;
  untilEnded(sid: SessionId, tid: TurnId): Promise<void>;
  /** The whole log by `/events`, page after page. */
  log(sid: SessionId, limit?: number): Promise<Log>;
  snapshot(sid: SessionId, query?: string): Promise<Snapshot>;
  row(sid: SessionId): Promise<SessionSummary>;
  stop(sid: SessionId, tid: TurnId): Promise<void>;
  /** Closes every stream and deletes every session of the test, so that nothing runs on into the next. */
  cleanUp(): Promise<void>;
}

/** A prompt whose answer goes on for longer than any test. */
export const ENDLESS = "count 20000 10";

/** What the demo agent answers to `count N`. */
export function countTo(last: number): string {
  return Array.from({ length: last }, (_, index) => String(index + 1)).join(" ");
}

let lastMs = 0;

/** A UUIDv7 by this test's clock. */
export function newUuid(): string {
  lastMs = Math.max(lastMs + 1, Date.now());
  const hex = lastMs.toString(16).padStart(12, "0");
  const random = crypto.randomUUID();
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${random.slice(15)}`;
}

export function newTurnId(): TurnId {
  const parsed = parse(TurnIdSchema, newUuid());
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

export function newSessionId(): SessionId {
  const parsed = parse(SessionIdSchema, newUuid());
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

/** P2.40 on every refusal a test meets; answers the problem for what else is asked of it. */
export function expectProblem(answer: Answer, code: ProblemCode): Problem {
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: PROBLEM_STATUS[code] });
  expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const parsed = parse(ProblemSchema, answer.json());
  if (!parsed.ok) throw new Error(`[P2.40] ${parsed.error.field} ${parsed.error.message}: ${answer.text}`);
  expect(parsed.value).toMatchObject({ code, status: answer.status });
  expect(parsed.value.detail.trim(), "detail says what to do").not.toBe("");
  expect(answer.text, "never a stack or a path").not.toMatch(
    /\bat \S+ \(|node_modules|\.ts\b|\/src\/|"stack"/,
  );
  return parsed.value;
}

export function createClient(target: ConformanceTarget): Client {
  const sessions = new Set<SessionId>();
  const streams = new Set<StreamReading>();
  // A browser's page names its own origin on everything that changes state.
  const origin = { origin: target.baseUrl, "sec-fetch-site": "same-origin" };

  const call: Client["call"] = async (method, path, body, headers = {}) => {
    const isRaw = typeof body === "string";
    const response = await target.fetch(
      new Request(`${target.baseUrl}/api${path}`, {
        method,
        headers: {
          ...origin,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: (): unknown => JSON.parse(text),
    };
  };

  const open: Client["open"] = async (sid, start = {}) => {
    const query = start.after === undefined ? "" : `?after=${encodeURIComponent(start.after)}`;
    const headers = start.lastEventId === undefined ? {} : { "last-event-id": start.lastEventId };
    const request = new Request(`${target.baseUrl}/api/sessions/${sid}/stream${query}`, {
      headers: { accept: "text/event-stream", ...origin, ...headers, ...start.headers },
    });
    const reading = readStream(await target.fetch(request), target.heartbeatMs);
    streams.add(reading);
    return reading;
  };

  const send: Client["send"] = async (sid, text, { id = newTurnId(), ...extras } = {}) => {
    const answer = await call("POST", `/sessions/${sid}/turns`, { id, text, mode: "queue", ...extras });
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 202 });
    return id;
  };

  const untilEnded: Client["untilEnded"] = async (sid, tid) => {
    const stream = await open(sid);
    await stream.untilEnded(tid);
    await stream.close();
  };

  const readPage = async (sid: SessionId, query: URLSearchParams) => {
    const answer = await call("GET", `/sessions/${sid}/events?${query.toString()}`);
    expect({ status: answer.status, text: answer.text.slice(0, 500) }).toMatchObject({ status: 200 });
    const page = answer.json() as { frames: unknown[]; cursor: string; hasMore: boolean };
    expect(page.cursor, "P2.19: the cursor is text").toEqual(expect.stringMatching(/^[0-9a-z]+\.\d+$/));
    const frames = page.frames.map((raw): LogFrame => {
      const frame = parseLogFrame(raw);
      if (!frame.ok) throw new Error(`[P2.46] ${frame.error.field} ${frame.error.message}`);
      return frame.value;
    });
    return { frames, cursor: page.cursor, hasMore: page.hasMore };
  };

  const readLog: Client["log"] = async (sid, limit) => {
    const frames: LogFrame[] = [];
    const query = new URLSearchParams(limit === undefined ? {} : { limit: String(limit) });
    for (;;) {
      const page = await readPage(sid, query);
      const last = frames.at(-1)?.seq ?? 0;
      const first = page.frames[0];
      if (first !== undefined && frames.length > 0 && first.from <= last) {
        // P3.18: the log was merged between two pages, and the cursor lay inside. Read it as it is now.
        frames.length = 0;
        query.delete("after");
        continue;
      }
      frames.push(...page.frames);
      if (page.hasMore) {
        expect(page.cursor, "P2.19: a page moves on").not.toBe(query.get("after"));
        query.set("after", page.cursor);
        continue;
      }
      const [epoch = "", seq = ""] = page.cursor.split(".");
      return { frames, events: knownEvents(frames), epoch, tail: Number(seq) };
    }
  };

  return {
    target,
    call,
    open,
    send,
    untilEnded,
    async begin(sid, text = ENDLESS, extras = {}) {
      const tid = await send(sid, text, extras);
      const stream = await open(sid);
      await stream.untilEvent(
        `the first words of ${tid}`,
        (event) => event.type === "text-delta" && event.turn === tid,
      );
      return { tid, stream };
    },
    async create(title) {
      const sid = newSessionId();
      const answer = await call("PUT", `/sessions/${sid}`, title === undefined ? {} : { title });
      expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 201 });
      sessions.add(sid);
      return sid;
    },
    async play(sid, text, extras) {
      const tid = await send(sid, text, extras);
      await untilEnded(sid, tid);
      return tid;
    },
    log: readLog,
    async snapshot(sid, query = "") {
      const answer = await call("GET", `/sessions/${sid}${query}`);
      expect({ status: answer.status, text: answer.text.slice(0, 500) }).toMatchObject({ status: 200 });
      const parsed = parse(SnapshotSchema, answer.json());
      if (!parsed.ok) throw new Error(`[P2.14] ${parsed.error.field} ${parsed.error.message}`);
      return parsed.value;
    },
    async row(sid) {
      const answer = await call("GET", "/sessions?limit=1000");
      expect(answer.status).toBe(200);
      const rows = (answer.json() as { sessions: { id: string }[] }).sessions;
      const parsed = parse(
        SessionSummarySchema,
        rows.find((row) => row.id === sid),
      );
      if (!parsed.ok) throw new Error(`[P2.5] row of ${sid}: ${parsed.error.field} ${parsed.error.message}`);
      return parsed.value;
    },
    async stop(sid, tid) {
      const answer = await call("POST", `/sessions/${sid}/turns/${tid}/stop`);
      expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 202 });
    },
    async cleanUp() {
      for (const stream of streams) await stream.close();
      streams.clear();
      for (const sid of sessions) await call("DELETE", `/sessions/${sid}`);
      sessions.clear();
    },
  };
}
