import type * as v from "valibot";
import { createBackend } from "../../../src/backend/backend.ts";
import type { Backend, StreamSubscription } from "../../../src/backend/backend-types.ts";
import {
  copyMemoryDisk,
  createMemoryDisk,
  createMemoryStore,
  type MemoryDisk,
} from "../../../src/backend/memory-store.ts";
import { StoreFullError, type Clock, type LogStore, type StreamSink } from "../../../src/backend/ports.ts";
import {
  ApprovalIdSchema,
  EpochSchema,
  SessionIdSchema,
  TurnIdSchema,
  type SessionId,
} from "../../../src/protocol/ids.ts";
import { parse, parseJson } from "../../../src/protocol/parse.ts";
import { problem, type Problem } from "../../../src/protocol/problems.ts";
import {
  CreateSessionSchema,
  EditTurnSchema,
  ResolveApprovalSchema,
  SendTurnSchema,
  UpdateSessionSchema,
} from "../../../src/protocol/requests.ts";
import { PageStartSchema } from "../../../src/protocol/snapshot.ts";
import type { Result } from "../../../src/protocol/result.ts";
import { controlMessage } from "../../../src/protocol/sse.ts";
import { PROTOCOL_VERSION, SERVER_NAME } from "../../../src/protocol/version.ts";
import type { Dice } from "./dice.ts";
import { createReading, type Reading } from "../checks/readings.ts";
import { fewestTurns } from "./small-pages.ts";
import type { LogBook, LogHistory } from "./log-book.ts";
import { createScriptAgents } from "./script-agent.ts";
import type { TrueTime } from "./true-time.ts";
import type { Violation } from "./violation.ts";

/** What the wall clock says when the world begins. Unit: ms since 1970. */
export const WORLD_BEGIN_MS = 1_700_000_000_000;

export interface ServerRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface ServerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The real backend over a disk in memory, with the lives, deaths and backups of a process. */
export interface VirtualServer {
  readonly disk: MemoryDisk;
  isSignedIn: boolean;
  isStoreFull: boolean;
  /** The server's own clock was moved. Unit: ms. */
  clockOffsetMs: number;
  sendsAccepted: number;
  isUp(): boolean;
  start(): Promise<void>;
  /** As `kill -9`: nothing of this life happens any more. */
  kill(): void;
  /** A planned end; the life ends when the promise resolves. */
  drain(): Promise<void>;
  backUp(): void;
  /** The backup replaces the data, under new epochs. False: there is none. Call it while no life is up. */
  restore(): boolean;
  signOutElsewhere(): void;
  /** Every reader has been told what is durable. */
  checkReaders(): void;
  /** Undefined: nobody answered, the connection was refused or broke. */
  answer(request: ServerRequest): Promise<ServerAnswer | undefined>;
  /** Undefined: refused. `onDeath` when the process dies under the stream. */
  openStream(
    sid: string,
    start: { readonly lastEventId: string | undefined; readonly after: string | undefined },
    sink: StreamSink,
    onDeath: () => void,
  ): StreamSubscription | undefined;
}

interface Life {
  isAlive: boolean;
  backend: Backend | undefined;
  readonly streams: Map<StreamSubscription, () => void>;
  readonly readings: Set<Reading>;
  /** Settle with "nobody answered" what is under way when it dies. */
  readonly dying: Set<() => void>;
}

export function createVirtualServer(
  time: TrueTime,
  dice: Dice,
  book: LogBook,
  onViolation: (violation: Violation) => void,
  areSmallPages = false,
): VirtualServer {
  let disk = createMemoryDisk();
  let backup: { readonly disk: MemoryDisk } | undefined;
  let life: Life | undefined;

  const makeEpoch = () => {
    let name = "";
    while (name.length < 12) name += dice.whole(0, 35).toString(36);
    const epoch = parse(EpochSchema, name);
    if (!epoch.ok) throw new Error(epoch.error.message);
    return epoch.value;
  };

  function clockOf(mine: Life): Clock {
    return {
      now: () => WORLD_BEGIN_MS + time.now() + server.clockOffsetMs,
      setTimer: (delayMs, run) =>
        time.after(Math.max(delayMs, 0), () => {
          if (mine.isAlive) run();
        }),
    };
  }

  function watchedStore(mine: Life): LogStore {
    const store = createMemoryStore({
      disk,
      clock: clockOf(mine),
      // A slow disk: what is said while a reader catches up comes into what it reads.
      latencyMs: [0, 0, 3, 6, 40][dice.whole(0, 4)] ?? 0,
      failCommit: () => {
        if (!mine.isAlive) return new Error("This process is dead.");
        return server.isStoreFull ? new StoreFullError("The disk is full.") : undefined;
      },
    });
    return {
      ...store,
      open: () => store.open(),
      async commit(writes) {
        await store.commit(writes);
        book.committed(writes);
      },
    };
  }

  const server: VirtualServer = {
    get disk() {
      return disk;
    },
    isSignedIn: true,
    isStoreFull: false,
    clockOffsetMs: 0,
    sendsAccepted: 0,
    isUp: () => life?.backend !== undefined,
    async start() {
      if (life !== undefined) return;
      const mine: Life = {
        isAlive: true,
        backend: undefined,
        streams: new Map(),
        readings: new Set(),
        dying: new Set(),
      };
      life = mine;
      const clock = clockOf(mine);
      const backend = await createBackend({
        store: watchedStore(mine),
        agents: createScriptAgents(clock),
        clock,
        random: { epoch: makeEpoch, fraction: () => dice.fraction() },
        reporter: { warn: () => undefined },
        version: "simulated",
      });
      if (mine.isAlive) mine.backend = backend;
    },
    kill() {
      const mine = life;
      life = undefined;
      if (mine === undefined) return;
      mine.isAlive = false;
      for (const onDeath of mine.streams.values()) onDeath();
      for (const die of mine.dying) die();
    },
    async drain() {
      const mine = life;
      if (mine?.backend === undefined) return;
      await mine.backend.drain(1_000);
      if (life === mine) server.kill();
    },
    backUp() {
      backup = { disk: copyMemoryDisk(disk) };
    },
    restore() {
      if (backup === undefined || life !== undefined) return false;
      disk = copyMemoryDisk(backup.disk);
      for (const log of disk.logs.values()) log.record = { ...log.record, epoch: makeEpoch() };
      book.restored(disk);
      return true;
    },
    signOutElsewhere() {
      server.isSignedIn = false;
      for (const stream of life?.streams.keys() ?? []) stream.end({ reason: "signed-out" });
    },
    checkReaders() {
      for (const reading of life?.readings ?? []) reading.checkPace(time.now());
    },
    answer(request) {
      const mine = life;
      const backend = mine?.backend;
      if (mine === undefined || backend === undefined) return Promise.resolve(undefined);
      return new Promise((resolve, reject) => {
        const die = (): void => resolve(undefined);
        mine.dying.add(die);
        void handle({ server, backend, book, areSmallPages }, request)
          .then(resolve, reject)
          .finally(() => mine.dying.delete(die));
      });
    },
    openStream(sid, start, sink, onDeath) {
      const mine = life;
      const backend = mine?.backend;
      if (mine === undefined || backend === undefined) return undefined;
      const id = parse(SessionIdSchema, sid);
      if (!server.isSignedIn || !id.ok) {
        sink.write(controlMessage({ name: "bye", reason: id.ok ? "signed-out" : "not-found" }));
        sink.end();
        return NO_SUBSCRIPTION;
      }
      const reading = createReading(id.value, start, book, onViolation);
      const watched: StreamSink = {
        ...sink,
        write(message) {
          const hasRoom = sink.write(message);
          if (mine.isAlive) reading.wrote(message, hasRoom);
          return hasRoom;
        },
        end() {
          reading.ended();
          sink.end();
        },
        cut() {
          reading.ended();
          if (sink.cut === undefined) sink.end();
          else sink.cut();
        },
      };
      mine.readings.add(reading);
      const stream = backend.openStream(id.value, start, watched);
      mine.streams.set(stream, onDeath);
      return {
        onDrain: () => {
          if (!mine.isAlive) return;
          reading.drained();
          stream.onDrain();
        },
        end: (bye) => stream.end(bye),
        delivered: () => stream.delivered(),
        unsubscribe() {
          reading.ended();
          mine.readings.delete(reading);
          mine.streams.delete(stream);
          if (mine.isAlive) stream.unsubscribe();
        },
      };
    },
  };
  return server;
}

const NO_SUBSCRIPTION: StreamSubscription = {
  onDrain: () => undefined,
  unsubscribe: () => undefined,
  end: () => undefined,
  delivered: () => Promise.resolve(),
};

const json = (value: unknown, status = 200, headers: Record<string, string> = {}): ServerAnswer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(value),
});
const empty = (status = 204, headers: Record<string, string> = {}): ServerAnswer => ({
  status,
  headers,
  body: "",
});
const refusal = (refused: Problem): ServerAnswer => ({
  status: refused.status,
  headers: { "content-type": "application/problem+json" },
  body: JSON.stringify(refused),
});

function told<Value>(result: Result<Value, Problem>, respond: (value: Value) => ServerAnswer): ServerAnswer {
  return result.ok ? respond(result.value) : refusal(result.error);
}

interface Endpoints {
  readonly server: VirtualServer;
  readonly backend: Backend;
  readonly book: LogBook;
  /** Whether pages have as few turns as they can, so that a session of a few turns has far ones. */
  readonly areSmallPages: boolean;
}

/** Every endpoint of PROTOCOL §2, as server/http answers it, without sockets. */
async function handle(
  { server, backend, book, areSmallPages }: Endpoints,
  request: ServerRequest,
): Promise<ServerAnswer> {
  const url = new URL(request.url, "http://holdfast");
  const pieces = url.pathname.replace(/^\/api\//, "").split("/");
  const [area, sidText = "", what, idText = "", deed] = pieces;
  const route = `${request.method} ${area}`;
  if (route === "GET health") {
    const auth = server.isSignedIn ? "signed-in" : "signed-out";
    return json({ name: SERVER_NAME, version: "simulated", protocol: PROTOCOL_VERSION, auth });
  }
  if (route === "POST sign-in") {
    server.isSignedIn = true;
    return empty();
  }
  if (!server.isSignedIn) return refusal(problem("not-signed-in", "Sign in first."));
  if (route === "POST sign-out") {
    server.signOutElsewhere();
    return empty();
  }
  if (route === "GET agents") return json(await backend.agents());
  if (area !== "sessions") return refusal(problem("not-found", "There is no such address."));
  if (sidText === "") {
    const before = parse(SessionIdSchema, url.searchParams.get("before"));
    const { version, ...list } = backend.listSessions({
      limit: numberOf(url, "limit"),
      before: before.ok ? before.value : undefined,
    });
    const etag = `"${version}"`;
    return request.headers["if-none-match"] === etag ? empty(304, { etag }) : json(list, 200, { etag });
  }
  const sid = parse(SessionIdSchema, sidText);
  if (!sid.ok) return refusal(problem("bad-request", "That is no session."));
  if (what === undefined)
    return handleSession(
      backend,
      request,
      sid.value,
      url,
      areSmallPages ? book.current(sid.value) : undefined,
    );
  if (what === "events" && request.method === "GET") {
    const page = { after: url.searchParams.get("after") ?? undefined, limit: numberOf(url, "limit") };
    return told(await backend.events(sid.value, page), (found) => json(found));
  }
  if (what === "approvals") {
    const aid = parse(ApprovalIdSchema, decodeURIComponent(idText));
    if (!aid.ok) return refusal(problem("bad-request", "That is no approval."));
    return withBody(request, ResolveApprovalSchema, async (body) =>
      told(await backend.resolveApproval(sid.value, aid.value, body), () => json({})),
    );
  }
  if (what !== "turns") return refusal(problem("not-found", "There is no such address."));
  if (deed === "stop") book.stopAsked(idText);
  return handleTurn(server, backend, request, sid.value, idText, deed);
}

async function handleSession(
  backend: Backend,
  request: ServerRequest,
  sid: SessionId,
  url: URL,
  smallPagesOf: LogHistory | undefined,
): Promise<ServerAnswer> {
  switch (request.method) {
    case "GET": {
      const before = parse(TurnIdSchema, url.searchParams.get("before"));
      const from = parse(PageStartSchema, url.searchParams.get("from"));
      const isNewest = !before.ok && !from.ok;
      const page = {
        turns: smallPagesOf === undefined ? numberOf(url, "turns") : fewestTurns(smallPagesOf, isNewest),
        before: before.ok ? before.value : undefined,
        from: from.ok ? from.value : undefined,
      };
      return told(await backend.snapshot(sid, page), (snapshot) => json(snapshot));
    }
    case "PUT":
      return withBody(request, CreateSessionSchema, async (body) =>
        told(await backend.createSession(sid, body), ({ session, created }) =>
          json(session, created ? 201 : 200),
        ),
      );
    case "PATCH":
      return withBody(request, UpdateSessionSchema, async (body) =>
        told(await backend.updateSession(sid, body), (session) => json(session)),
      );
    case "DELETE":
      return told(await backend.deleteSession(sid), () => empty());
    default:
      return refusal(problem("method-not-allowed", "That can't be done."));
  }
}

async function handleTurn(
  server: VirtualServer,
  backend: Backend,
  request: ServerRequest,
  sid: SessionId,
  tidText: string,
  deed: string | undefined,
): Promise<ServerAnswer> {
  if (tidText === "") {
    return withBody(request, SendTurnSchema, async (body) =>
      told(await backend.sendTurn(sid, body), ({ turn, isKnown }) => {
        if (!isKnown) server.sendsAccepted += 1;
        return json({ turn }, isKnown ? 200 : 202);
      }),
    );
  }
  const tid = parse(TurnIdSchema, tidText);
  if (!tid.ok) return refusal(problem("bad-request", "That is no turn."));
  if (deed === "stop") return told(await backend.stopTurn(sid, tid.value), () => json({}, 202));
  if (request.method === "DELETE") return told(await backend.withdrawTurn(sid, tid.value), () => empty());
  return withBody(request, EditTurnSchema, async (body) =>
    told(await backend.editTurn(sid, tid.value, body), () => json({})),
  );
}

async function withBody<Schema extends v.GenericSchema>(
  request: ServerRequest,
  schema: Schema,
  respond: (body: v.InferOutput<Schema>) => Promise<ServerAnswer>,
): Promise<ServerAnswer> {
  const body = parseJson(schema, request.body ?? "{}");
  return body.ok ? respond(body.value) : refusal(problem("bad-request", body.error.message));
}

function numberOf(url: URL, name: string): number | undefined {
  const text = url.searchParams.get(name);
  return text === null ? undefined : Number(text);
}
