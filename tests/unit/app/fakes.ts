import * as v from "valibot";
import { createApp, type App } from "../../../src/app/compose.ts";
import type { EarlierPage, JoinedTurns } from "../../../src/streaming/core-types.ts";
import type { ReadingPosition } from "../../../src/state/reading-position.ts";
import type { EngineHooks } from "../../../src/app/engine.ts";
import type { AppEnvironment } from "../../../src/app/environment.ts";
import { AgentIdSchema, type SessionId } from "../../../src/protocol/ids.ts";
import { ok, type Result } from "../../../src/protocol/result.ts";
import type { SessionSummary } from "../../../src/protocol/snapshot.ts";
import type {
  Api,
  ApiFailure,
  CoreChange,
  OutboxEntry,
  PageEvent,
  SessionView,
} from "../../../src/streaming/ports.ts";

/** A browser, a server and the three machines, all of them made of paper. What the app does to them is in `calls`. */
export interface FakeWorld {
  readonly app: App;
  readonly hooks: EngineHooks;
  readonly calls: string[];
  readonly views: Map<SessionId, SessionView>;
  readonly entries: OutboxEntry[];
  readonly listed: Map<SessionId, SessionSummary>;
  readonly drafts: Map<string, string>;
  /** When each was written, where that is known. */
  readonly draftTimesMs: Map<string, number>;
  readonly kept: Map<string, unknown>;
  /** What the server answers to the named request; others succeed. */
  readonly answers: Map<string, Result<unknown, ApiFailure>>;
  path: string;
  /** Query and fragment of the address. */
  target: string;
  readonly positions: Map<SessionId, ReadingPosition>;
  /** What comes of asking for earlier turns, one after the other; then nothing. */
  readonly earlierPages: (() => EarlierPage)[];
  /** What the core does with turns that were loaded apart; by default it declines them. */
  joinEarlier(sid: SessionId, page: JoinedTurns): boolean;
  isHidden: boolean;
  isOnline: boolean;
  /** localStorage has lost every draft: only who asks the disk is told of them. */
  isDraftOnDiskOnly: boolean;
  /** The outbox refuses to keep anything. */
  isOutboxBroken: boolean;
  /** What waits has left by the time it is to be taken back. */
  isOutboxLeaving: boolean;
  emit(change: CoreChange): void;
  page(event: PageEvent): void;
  outboxChanged(): void;
  listChanged(): void;
  goBack(path: string): void;
  /** Moves the clock and runs what is due. */
  pass(ms: number): void;
  frame(): void;
  /** Lets every promise that can settle do so. */
  settle(): Promise<void>;
}

const DEMO = v.parse(AgentIdSchema, "demo");

export function createFakeWorld(setup: (world: FakeWorld) => void = () => undefined): FakeWorld {
  const calls: string[] = [];
  const coreListeners = new Set<(change: CoreChange) => void>();
  const outboxListeners = new Set<() => void>();
  const pollerListeners = new Set<() => void>();
  const pageListeners = new Set<(event: PageEvent) => void>();
  const popListeners = new Set<() => void>();
  let frames = new Map<unknown, () => void>();
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  let nowMs = 1_000;
  let nextId = 0;
  let viewed: SessionId | undefined;
  const subscribe =
    <Listener>(listeners: Set<Listener>) =>
    (listener: Listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    };
  const answer =
    (name: string, value?: unknown) =>
    async (...args: unknown[]) => {
      calls.push([name, ...args.map((arg) => JSON.stringify(arg))].join(" "));
      return world.answers.get(name) ?? ok(value);
    };

  const agents = { agents: [{ id: DEMO, title: "Demo", kind: "demo", available: true }], default: DEMO };
  // One fake for fifteen methods of different types: each answers what the test laid out for its name.
  const api = {
    probe: answer("probe"),
    agents: answer("agents", agents),
    listSessions: answer("listSessions"),
    snapshot: answer("snapshot"),
    events: answer("events"),
    search: answer("search", { matches: [], hasMore: false }),
    createSession: answer("createSession"),
    updateSession: answer("updateSession"),
    deleteSession: answer("deleteSession"),
    sendTurn: answer("sendTurn"),
    editTurn: answer("editTurn"),
    withdrawTurn: answer("withdrawTurn"),
    stopTurn: answer("stopTurn"),
    resolveApproval: answer("resolveApproval"),
    signIn: answer("signIn"),
    signOut: answer("signOut"),
  } as unknown as Api;

  const environment: AppEnvironment = {
    ports: {
      clock: {
        now: () => nowMs,
        setTimer(delayMs, run) {
          const timer = { atMs: nowMs + delayMs, run };
          timers.push(timer);
          return () => {
            timers = timers.filter((other) => other !== timer);
          };
        },
      },
      random: {
        fraction: () => 0,
        uuid: () => `00000000-0000-7000-8000-${String((nextId += 1)).padStart(12, "0")}`,
      },
      page: {
        isHidden: () => world.isHidden,
        isOnline: () => world.isOnline,
        subscribe: subscribe(pageListeners),
      },
      api,
      reporter: { warn: (message) => void calls.push(`warn ${message}`) },
      // The engine is a fake: nobody opens a stream, a store or a lock.
      sources: { open: () => ({ close: () => undefined }) },
      store: {} as never,
      outbox: {} as never,
      lock: {} as never,
    },
    frames: {
      schedule(key, run) {
        frames.set(key, run);
        return () => void frames.delete(key);
      },
      write: () => () => undefined,
    },
    drafts: {
      peek: (key) => (world.isDraftOnDiskOnly ? "" : (world.drafts.get(key) ?? "")),
      async load(key) {
        // What it was when the disk answers, not when it was asked.
        await Promise.resolve();
        return world.drafts.get(key) ?? "";
      },
      write(key, text) {
        world.drafts.set(key, text);
        world.draftTimesMs.set(key, nowMs);
      },
      writtenAtMs: (key) => world.draftTimesMs.get(key),
      flush: () => void calls.push("flush drafts"),
      remove: (key) => void world.drafts.set(key, ""),
      drop: (key) => void world.drafts.delete(key),
    },
    settings: {
      read: (key) => world.kept.get(key),
      write: (key, value) => void world.kept.set(key, value),
    },
    navigation: {
      path: () => world.path,
      target: () => world.target,
      push(path) {
        calls.push(`push ${path}`);
        world.path = path;
      },
      replace(path) {
        calls.push(`replace ${path}`);
        world.path = path;
      },
      subscribe: subscribe(popListeners),
    },
    positions: {
      read: (sid) => world.positions.get(sid),
      write: (sid, position) => void world.positions.set(sid, position),
    },
    health: async () => {
      const laid = world.answers.get("health");
      if (laid?.ok === false) return laid;
      return ok({ name: "holdfast", version: "1", protocol: "1.0", auth: "none" as const });
    },
    wipe: async () => void calls.push("wipe"),
    reload: () => void calls.push("reload"),
    subscribeNotices: () => () => undefined,
  };

  const put = async (entry: OutboxEntry): Promise<void> => {
    if (world.isOutboxBroken) throw new Error("full");
    calls.push(`outbox ${entry.kind} ${entry.session}`);
    world.entries.push(entry);
    world.outboxChanged();
  };
  const stamp = (session: SessionId) => ({ id: `entry-${(nextId += 1)}`, session, createdAtMs: nowMs });

  const world: FakeWorld = {
    calls,
    views: new Map(),
    entries: [],
    listed: new Map(),
    drafts: new Map(),
    draftTimesMs: new Map(),
    kept: new Map(),
    answers: new Map(),
    path: "/",
    target: "",
    positions: new Map(),
    earlierPages: [],
    joinEarlier: () => false,
    isHidden: false,
    isOnline: true,
    isDraftOnDiskOnly: false,
    isOutboxBroken: false,
    isOutboxLeaving: false,
    emit: (change) => coreListeners.forEach((listener) => listener(change)),
    page: (event) => pageListeners.forEach((listener) => listener(event)),
    outboxChanged: () => outboxListeners.forEach((listener) => listener()),
    listChanged: () => pollerListeners.forEach((listener) => listener()),
    goBack(path) {
      world.path = path;
      popListeners.forEach((listener) => listener());
    },
    pass(ms) {
      nowMs += ms;
      const due = timers.filter((timer) => timer.atMs <= nowMs);
      timers = timers.filter((timer) => timer.atMs > nowMs);
      for (const timer of due) timer.run();
    },
    frame() {
      const due = frames;
      frames = new Map();
      for (const run of due.values()) run();
    },
    async settle() {
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    },
    get app() {
      return app;
    },
    get hooks() {
      if (hooks === undefined) throw new Error("The app has made no engine.");
      return hooks;
    },
  };
  let hooks: EngineHooks | undefined;
  setup(world);

  const app = createApp(environment, (_ports, engineHooks) => {
    hooks = engineHooks;
    return {
      core: {
        async loadSession(sid) {
          calls.push(`load ${sid ?? "none"}`);
          viewed = sid;
        },
        attachLiveStream: () => undefined,
        closeLiveStream: () => undefined,
        closeOtherLiveStreams: () => undefined,
        viewed: () => viewed,
        view: (sid) => world.views.get(sid),
        subscribe: subscribe(coreListeners),
        retryNow: (sid) => void calls.push(`retry-now ${sid}`),
        async loadEarlier(sid) {
          calls.push(`earlier ${sid}`);
          return world.earlierPages.shift()?.() ?? { kind: "none" };
        },
        joinEarlier: (sid, page) => world.joinEarlier(sid, page),
        setSignedOut: (is) => void calls.push(`core signed-out ${is}`),
        async forget(sid) {
          calls.push(`forget ${sid}`);
          world.emit({ kind: "gone", session: sid });
        },
        begin: (summary) => void calls.push(`begin ${summary.id} ${summary.title}`),
        created: (sid) => void calls.push(`created ${sid}`),
        report: () => [],
        flush: async () => undefined,
        dispose: () => undefined,
      },
      outbox: {
        entries: () => world.entries,
        subscribe: subscribe(outboxListeners),
        create: (sid, body) => put({ ...stamp(sid), kind: "create", body }),
        send: (sid, body) => put({ ...stamp(sid), kind: "send", body }),
        update: (sid, body) => put({ ...stamp(sid), kind: "update", body }),
        delete: (sid, undoMs) => put({ ...stamp(sid), kind: "delete", notBeforeMs: nowMs + undoMs }),
        async undoDelete(sid) {
          const at = world.entries.findIndex((entry) => entry.kind === "delete" && entry.session === sid);
          world.entries.splice(at, 1);
          world.outboxChanged();
        },
        async discard(id) {
          if (world.isOutboxLeaving) return undefined;
          const at = world.entries.findIndex((entry) => entry.id === id);
          const [entry] = at < 0 ? [] : world.entries.splice(at, 1);
          world.outboxChanged();
          return entry?.kind === "send" || entry?.kind === "refused" ? entry.body.text : undefined;
        },
        refresh: async () => undefined,
        resume: () => void calls.push("outbox resume"),
        setPaused: (reason, is) => void calls.push(`outbox paused ${reason} ${is}`),
        dispose: () => undefined,
      },
      poller: {
        sessions: () => [...world.listed.values()],
        subscribe: subscribe(pollerListeners),
        refresh: () => void calls.push("refresh"),
        merge(summary) {
          world.listed.set(summary.id, summary);
          world.listChanged();
        },
        remove(sid) {
          world.listed.delete(sid);
          world.listChanged();
        },
        failure: () => undefined,
        setSignedOut: (is) => void calls.push(`poller signed-out ${is}`),
        dispose: () => undefined,
      },
    };
  });
  return world;
}
