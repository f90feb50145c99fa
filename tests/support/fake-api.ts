import { problem, type ProblemCode } from "../../src/protocol/problems.ts";
import { err, ok, type Result } from "../../src/protocol/result.ts";
import type { SessionId } from "../../src/protocol/ids.ts";
import type { SessionSummary } from "../../src/protocol/snapshot.ts";
import type { Api, ApiFailure } from "../../src/streaming/ports.ts";
import { sampleSummary } from "./streaming-samples.ts";

/** An api that records its calls and answers what a test puts in place of a method. */
export interface FakeApi extends Api {
  readonly calls: { readonly method: keyof Api; readonly session?: SessionId; readonly body?: unknown }[];
  /** Replaces answers; what is not given stays. */
  answer(methods: Partial<Api>): void;
  count(method: keyof Api): number;
}

export const unreachable = {
  kind: "unreachable",
  message: "The server could not be reached.",
} as const satisfies ApiFailure;

export function refused(code: ProblemCode, detail = `refused: ${code}`): ApiFailure {
  return { kind: "problem", problem: problem(code, detail) };
}

/** A promise and its two ends. */
export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
}

export function createDeferred<Value>(): Deferred<Value> {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

export function createFakeApi(): FakeApi {
  const calls: FakeApi["calls"] = [];
  const fail = (): Promise<Result<never, ApiFailure>> => Promise.resolve(err(unreachable));
  const done = (): Promise<Result<void, ApiFailure>> => Promise.resolve(ok(undefined));
  const summary = (sid: SessionId): Promise<Result<SessionSummary, ApiFailure>> =>
    Promise.resolve(ok(sampleSummary(sid)));
  const methods: Api = {
    probe: done,
    agents: fail,
    listSessions: () => Promise.resolve(ok({ sessions: [], hasMore: false })),
    snapshot: fail,
    events: fail,
    search: fail,
    createSession: summary,
    updateSession: summary,
    deleteSession: done,
    sendTurn: done,
    editTurn: done,
    withdrawTurn: done,
    stopTurn: done,
    resolveApproval: done,
    signIn: done,
    signOut: done,
    askAgain: () => undefined,
  };
  const note = (method: keyof Api, session?: SessionId, body?: unknown): void => {
    calls.push({
      method,
      ...(session === undefined ? {} : { session }),
      ...(body === undefined ? {} : { body }),
    });
  };
  return {
    calls,
    answer(replaced) {
      Object.assign(methods, replaced);
    },
    count: (method) => calls.filter((call) => call.method === method).length,
    probe() {
      note("probe");
      return methods.probe();
    },
    agents() {
      note("agents");
      return methods.agents();
    },
    listSessions(page) {
      note("listSessions", undefined, page);
      return methods.listSessions(page);
    },
    snapshot(sid, page) {
      note("snapshot", sid, page);
      return methods.snapshot(sid, page);
    },
    events(sid, after, limit) {
      note("events", sid, after);
      return methods.events(sid, after, limit);
    },
    search(sid, request) {
      note("search", sid, request);
      return methods.search(sid, request);
    },
    createSession(sid, body) {
      note("createSession", sid, body);
      return methods.createSession(sid, body);
    },
    updateSession(sid, body) {
      note("updateSession", sid, body);
      return methods.updateSession(sid, body);
    },
    deleteSession(sid) {
      note("deleteSession", sid);
      return methods.deleteSession(sid);
    },
    sendTurn(sid, body) {
      note("sendTurn", sid, body);
      return methods.sendTurn(sid, body);
    },
    editTurn(sid, tid, body) {
      note("editTurn", sid, body);
      return methods.editTurn(sid, tid, body);
    },
    withdrawTurn(sid, tid) {
      note("withdrawTurn", sid);
      return methods.withdrawTurn(sid, tid);
    },
    stopTurn(sid, tid) {
      note("stopTurn", sid);
      return methods.stopTurn(sid, tid);
    },
    resolveApproval(sid, aid, option) {
      note("resolveApproval", sid, option);
      return methods.resolveApproval(sid, aid, option);
    },
    signIn: (password) => methods.signIn(password),
    signOut: () => methods.signOut(),
    askAgain: () => note("askAgain"),
  };
}
