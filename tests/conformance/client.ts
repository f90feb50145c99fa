import { expect } from "vitest";
import {
  eventsPage,
  problem,
  PROBLEM_STATUS,
  sessionRow,
  snapshot,
  type Problem,
  type ProblemCode,
  type SessionRow,
  type Snapshot,
} from "./wire-answers.ts";
import type { LogEvent } from "./wire-events.ts";
import { readFrame, type LogFrame } from "./wire-frames.ts";
import { readAs, readCursor, readJson, type SessionId, type TurnId } from "./wire-values.ts";
import { readStream, type StreamReading } from "./stream-reading.ts";
import type { ConformanceTarget } from "./target.ts";
import { ENDLESS, isInContract } from "./test-agent.ts";

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
  /** A new session of the agent that the suite drives. */
  create(title?: string): Promise<SessionId>;
  /** Sends and expects 202. */
  send(sid: SessionId, text: string, extras?: SendExtras): Promise<TurnId>;
  open(sid: SessionId, start?: StreamStart): Promise<StreamReading>;
  /** Sends, and reads a stream of its own until the turn has ended. */
  play(sid: SessionId, text: string, extras?: SendExtras): Promise<TurnId>;
  /** Sends, and reads until the turn has said something. Without a text: {@link ENDLESS}. */
  begin(sid: SessionId, text?: string, extras?: SendExtras): Promise<RunningTurn>;
  untilEnded(sid: SessionId, tid: TurnId): Promise<void>;
  /** The whole log by `/events`, page after page. */
  log(sid: SessionId, limit?: number): Promise<Log>;
  snapshot(sid: SessionId, query?: string): Promise<Snapshot>;
  row(sid: SessionId): Promise<SessionRow>;
  stop(sid: SessionId, tid: TurnId): Promise<void>;
  /** A session that a test makes by itself: deleted with the others. */
  adopt(sid: SessionId): SessionId;
  /** Closes every stream and deletes every session of the test, so that nothing runs on into the next. */
  cleanUp(): Promise<void>;
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
  return newUuid();
}

export function newSessionId(): SessionId {
  return newUuid();
}

/** P2.40 on every refusal a test meets; answers the problem for what else is asked of it. */
export function expectProblem(answer: Answer, code: ProblemCode): Problem {
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: PROBLEM_STATUS[code] });
  expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const told = readAs("P2.40", problem, answer.json());
  expect(told).toMatchObject({ code, status: answer.status });
  expect(answer.text, "P2.40: never a stack or a path").not.toMatch(
    /\bat \S+ \(|node_modules|\.ts\b|\/src\/|"stack"|Traceback/,
  );
  return told;
}

/** What a test sends to the agent is what docs/CONFORMANCE.md promises to an agent's author, and nothing else. */
function expectInContract(path: string, body: unknown, status: number): void {
  if (status !== 202 || !path.endsWith("/turns") || typeof body !== "object" || body === null) return;
  const text = String(Reflect.get(body, "text"));
  if (Reflect.get(body, "continues") === undefined && !isInContract(text))
    throw new Error(`the suite sent "${text.slice(0, 60)}", which is not in the test agent's contract`);
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
    expectInContract(path, body, response.status);
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: (): unknown => readJson("P2.1", text),
    };
  };

  const open: Client["open"] = async (sid, start = {}) => {
    const query = start.after === undefined ? "" : `?after=${encodeURIComponent(start.after)}`;
    const headers = start.lastEventId === undefined ? {} : { "last-event-id": start.lastEventId };
    const request = new Request(`${target.baseUrl}/api/sessions/${sid}/stream${query}`, {
      headers: { accept: "text/event-stream", ...origin, ...headers, ...start.headers },
    });
    const reading = readStream(await target.fetch(request), target);
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
    const page = readAs("P2.19", eventsPage, answer.json());
    return { ...page, frames: page.frames.map(readFrame) };
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
      const { epoch, seq } = readCursor(page.cursor);
      return { frames, events: frames.flatMap((frame) => frame.events), epoch, tail: seq };
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
      sessions.add(sid);
      const body = { agent: target.agent, ...(title === undefined ? {} : { title }) };
      const answer = await call("PUT", `/sessions/${sid}`, body);
      expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 201 });
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
      return readAs("P2.14", snapshot, answer.json());
    },
    async row(sid) {
      const answer = await call("GET", "/sessions?limit=1000");
      expect(answer.status).toBe(200);
      const rows = (answer.json() as { sessions: { id: string }[] }).sessions;
      const row = rows.find((other) => other.id === sid);
      return readAs("P2.5", sessionRow, row);
    },
    async stop(sid, tid) {
      const answer = await call("POST", `/sessions/${sid}/turns/${tid}/stop`);
      expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 202 });
    },
    adopt(sid) {
      sessions.add(sid);
      return sid;
    },
    async cleanUp() {
      for (const stream of streams) await stream.close();
      streams.clear();
      // A server that a test has killed can't be asked; what failed then is what the test says.
      await Promise.allSettled([...sessions].map((sid) => call("DELETE", `/sessions/${sid}`)));
      sessions.clear();
    },
  };
}
