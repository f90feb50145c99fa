import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { ConversationState } from "../../../src/protocol/conversation.ts";
import { toTurnSnapshot } from "../../../src/protocol/conversation-snapshot.ts";
import type { SessionId, TurnId } from "../../../src/protocol/ids.ts";
import { err, ok } from "../../../src/protocol/result.ts";
import type { TabLock } from "../../../src/streaming/ports.ts";
import { isUnfinished } from "../../../src/streaming/inflight.ts";
import { fromStored } from "../../../src/streaming/stored-conversation.ts";
import { createCoreHarness, type CoreHarness } from "../../support/core-harness.ts";
import { createFakeApi, refused, unreachable } from "../../support/fake-api.ts";
import { createFakePage } from "../../support/fake-page.ts";
import { createLogServer, type LogServer, type ServerConnection } from "../../support/log-server.ts";
import {
  createMemoryConversationStore,
  type MemoryConversationStore,
} from "../../support/memory-conversation-store.ts";
import { createMemoryTabLock } from "../../support/memory-outbox-store.ts";
import { ended, queued, said, session, started, turn } from "../../support/streaming-samples.ts";
import { createVirtualClock, type VirtualClock } from "../../support/virtual-clock.ts";

const SESSIONS = [session(1), session(2), session(3)];
const TABS = 2;

type Command =
  | { readonly do: "write"; readonly session: number; readonly what: number }
  | { readonly do: "pump" | "duplicate" | "hole"; readonly tab: number; readonly events: number }
  | {
      readonly do: "ping" | "drop" | "hide" | "show" | "freeze" | "pagehide" | "reload" | "focus";
      readonly tab: number;
    }
  | { readonly do: "online"; readonly tab: number; readonly is: boolean }
  | { readonly do: "switch"; readonly tab: number; readonly session: number }
  | { readonly do: "late"; readonly tab: number; readonly which: number; readonly what: number }
  | { readonly do: "restore"; readonly session: number; readonly keep: number }
  | { readonly do: "resync" | "drain"; readonly tab: number }
  | { readonly do: "advance" | "jump"; readonly ms: number }
  | { readonly do: "api" | "disk"; readonly is: boolean };

const tabIndex = fc.nat(TABS - 1);
const sessionIndex = fc.nat(SESSIONS.length - 1);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant("write" as const), session: sessionIndex, what: fc.nat(9) }),
  },
  {
    weight: 16,
    arbitrary: fc.record({
      do: fc.constant("pump" as const),
      tab: tabIndex,
      events: fc.integer({ min: 1, max: 8 }),
    }),
  },
  fc.record({
    do: fc.constantFrom("duplicate", "hole"),
    tab: tabIndex,
    events: fc.integer({ min: 1, max: 5 }),
  }),
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom("ping", "drop", "hide", "show", "freeze", "pagehide", "reload", "focus"),
      tab: tabIndex,
    }),
  },
  fc.record({ do: fc.constant("online" as const), tab: tabIndex, is: fc.boolean() }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("switch" as const),
      tab: tabIndex,
      session: fc.nat(SESSIONS.length),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("late" as const),
      tab: tabIndex,
      which: fc.nat(20),
      what: fc.nat(5),
    }),
  },
  fc.record({ do: fc.constant("restore" as const), session: sessionIndex, keep: fc.nat(10) }),
  fc.record({ do: fc.constantFrom("resync", "drain"), tab: tabIndex }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("advance", "jump"),
      ms: fc.constantFrom(10, 600, 6_000, 31_000),
    }),
  },
  fc.record({ do: fc.constantFrom("api", "disk"), is: fc.boolean() }),
);

interface Tab {
  h: CoreHarness;
  connections: ServerConnection[];
  readonly violations: string[];
}

interface World {
  readonly server: LogServer;
  readonly clock: VirtualClock;
  readonly store: MemoryConversationStore;
  readonly tabs: Tab[];
  readonly lock: TabLock;
  readonly maxStreams: number;
  readonly turns: Map<SessionId, { next: number; open: TurnId[]; texts: Map<TurnId, number> }>;
  isApiUp: boolean;
}

/** What a conversation says, in a form that can be compared: order, states and texts. */
function words(conversation: ConversationState): unknown {
  return [...conversation.turns.values()].map(toTurnSnapshot);
}

function createTab(world: World): Tab {
  const page = createFakePage();
  const api = createFakeApi();
  const violations: string[] = [];
  const connections: ServerConnection[] = [];
  const note = (what: string): void => {
    // S5: nothing is opened or asked while the page has a reason to pause.
    if (page.isHidden() || !page.isOnline()) violations.push(`${what} while hidden or offline`);
  };
  api.answer({
    snapshot: async (sid) => {
      note("snapshot");
      const snapshot = world.server.snapshot(sid);
      await new Promise<void>((resolve) => {
        world.clock.setTimer(20, resolve);
      });
      return world.isApiUp ? ok(snapshot) : err(unreachable);
    },
    events: async (sid, after, limit) => {
      note("events");
      const page = world.server.eventsPage(sid, after, Math.min(limit ?? 7, 7));
      await new Promise<void>((resolve) => {
        world.clock.setTimer(20, resolve);
      });
      if (!world.isApiUp) return err(unreachable);
      return page === undefined ? err(refused("bad-cursor")) : ok(page);
    },
    probe: async () => {
      note("probe");
      return world.isApiUp ? ok(undefined) : err(unreachable);
    },
  });
  const sources = world.server.createSources((connection) => {
    note("open");
    connections.push(connection);
  });
  const h = createCoreHarness(
    { clock: world.clock, store: world.store, lock: world.lock, sources, page, api },
    { maxStreams: world.maxStreams },
  );
  return { h, connections, violations };
}

function createWorld(maxStreams: number): World {
  const server = createLogServer();
  for (const sid of SESSIONS) server.epochOf(sid);
  const world: World = {
    server,
    clock: createVirtualClock(),
    store: createMemoryConversationStore(),
    tabs: [],
    lock: createMemoryTabLock(),
    maxStreams,
    turns: new Map(SESSIONS.map((sid) => [sid, { next: 1, open: [], texts: new Map() }])),
    isApiUp: true,
  };
  world.store.gate = () =>
    new Promise((resolve) => {
      world.clock.setTimer(5, resolve);
    });
  for (let index = 0; index < TABS; index += 1) world.tabs.push(createTab(world));
  return world;
}

let saidCount = 0;

/** The server's turns go on: several at once, so that nothing can be keyed by "the current one". */
function write(world: World, sid: SessionId, what: number): void {
  const state = world.turns.get(sid);
  if (state === undefined) return;
  const [first] = state.open;
  if (first === undefined || (what === 0 && state.open.length < 3)) {
    const id = turn(state.next);
    state.next += 1;
    state.open.push(id);
    state.texts.set(id, 0);
    world.server.append(sid, queued(id));
    world.server.append(sid, started(id));
    return;
  }
  const id = state.open[what % state.open.length] ?? first;
  if (what === 9) {
    state.open.splice(state.open.indexOf(id), 1);
    world.server.append(sid, ended(id));
    return;
  }
  saidCount += 1;
  const text = `${saidCount} `;
  const offset = state.texts.get(id) ?? 0;
  state.texts.set(id, offset + text.length);
  world.server.append(sid, said(id, offset, text));
}

/** After a restore the server goes on from what the backup has: every open turn ends as interrupted. */
function restore(world: World, sid: SessionId, keep: number): void {
  world.server.restore(sid, Math.min(keep, world.server.tail(sid)));
  const state = world.turns.get(sid);
  if (state === undefined) return;
  state.open.length = 0;
  for (const known of world.server
    .folded(sid, world.server.epochOf(sid), world.server.tail(sid))
    .turns.values()) {
    if (isUnfinished(known)) world.server.append(sid, ended(known.id, 14, "interrupted"));
  }
}

function openConnection(tab: Tab): ServerConnection | undefined {
  return tab.connections.findLast((connection) => !connection.source.isClosed);
}

function late(world: World, tab: Tab, which: number, what: number): void {
  const closed = tab.connections.filter((connection) => connection.source.isClosed);
  const connection = closed[which % Math.max(1, closed.length)];
  if (connection === undefined) return;
  const before = JSON.stringify(tab.h.core.report().map((row) => [row, words(row.view.conversation)]));
  const { source } = connection;
  if (what === 0) source.error();
  if (what === 1) source.control({ name: "bye", reason: "deleted" });
  if (what === 2) source.control({ name: "resync", reason: "ahead" });
  if (what === 3) world.server.sendRange(connection, 1, 1_000);
  if (what === 4) source.control({ name: "caught-up", tail: 99_999 });
  if (what === 5) source.control({ name: "bye", reason: "signed-out" });
  const after = JSON.stringify(tab.h.core.report().map((row) => [row, words(row.view.conversation)]));
  expect(after, "S6: a closed source changed something").toBe(before);
}

async function run(world: World, item: Command): Promise<void> {
  switch (item.do) {
    case "write":
      write(world, SESSIONS[item.session] ?? session(1), item.what);
      return;
    case "restore":
      restore(world, SESSIONS[item.session] ?? session(1), item.keep);
      return;
    case "advance":
      await world.clock.advance(item.ms);
      return;
    case "jump":
      world.clock.jump(item.ms);
      return;
    case "api":
      world.isApiUp = item.is;
      return;
    case "disk":
      world.store.isBroken = !item.is;
      return;
    case "pump":
    case "duplicate":
    case "hole":
    case "ping":
    case "drop":
    case "hide":
    case "show":
    case "freeze":
    case "pagehide":
    case "reload":
    case "focus":
    case "online":
    case "switch":
    case "late":
    case "resync":
    case "drain":
      runInTab(world, item);
  }
}

function runInTab(world: World, item: Extract<Command, { readonly tab: number }>): void {
  const tab = world.tabs[item.tab];
  if (tab === undefined) return;
  const connection = openConnection(tab);
  const { page, core } = tab.h;
  switch (item.do) {
    case "pump":
      if (connection !== undefined) world.server.pump(connection, item.events);
      return;
    case "duplicate":
      if (connection?.isGreeted !== true) return;
      world.server.sendRange(connection, Math.max(1, connection.sent - item.events), connection.sent);
      return;
    case "hole":
      if (connection?.isGreeted === true) connection.sent += item.events;
      return;
    case "ping":
      if (connection?.isGreeted !== true) return;
      connection.source.control({ name: "ping", tail: world.server.tail(connection.session) });
      return;
    case "drop":
      connection?.source.error();
      return;
    case "drain":
      connection?.source.control({ name: "bye", reason: "draining", retryMs: 300 });
      return;
    case "resync":
      connection?.source.control({ name: "resync", reason: "trimmed" });
      return;
    case "hide":
      page.hide();
      return;
    case "show":
      page.show();
      return;
    case "focus":
    case "freeze":
      page.emit(item.do);
      return;
    case "pagehide":
      page.setHiddenSilently(true);
      page.emit("pagehide");
      return;
    case "online":
      page.setOnline(item.is);
      return;
    case "switch":
      void core.loadSession(SESSIONS[item.session]);
      return;
    case "late":
      late(world, tab, item.which, item.what);
      return;
    case "reload": {
      const viewed = core.viewed();
      core.dispose();
      const next = createTab(world);
      tab.h = next.h;
      tab.connections = next.connections;
      void next.h.core.loadSession(viewed);
      return;
    }
  }
}

function check(world: World): void {
  const openInAll = world.tabs.flatMap((tab) => tab.h.sources.openNow());
  expect(openInAll.length, "S1: over all tabs").toBeLessThanOrEqual(world.maxStreams);
  for (const tab of world.tabs) {
    const { core, sources } = tab.h;
    const openUrls = sources.openNow().map((source) => source.url.split("/")[3]);
    expect(openUrls, "S1: open sources are the registry's").toEqual([...core.LIVE_STREAMS.keys()]);
    expect(openUrls.length, "S1: one viewed session, one stream").toBeLessThanOrEqual(1);
    if (openUrls.length > 0) expect(openUrls[0], "S1: only what is viewed").toBe(core.viewed());
    expect(tab.violations, "S5").toEqual([]);
    for (const { view, isOpen, reattach, hasInflight } of core.report()) {
      const unfinished = [...view.conversation.turns.values()].filter(isUnfinished);
      expect(hasInflight, "S4: an entry is there while a turn is unfinished").toBe(unfinished.length > 0);
      if (hasInflight && !isOpen) expect(reattach, "S4: closing marks").toBe(true);
      const entry = core.INFLIGHT.get(view.session);
      if (entry !== undefined) {
        expect(entry.seq).toBe(view.cursor?.seq);
        expect([...entry.turns.values()], "S4: one copy").toEqual(unfinished);
      }
      if (view.cursor === undefined) continue;
      const log = world.server.folded(view.session, view.cursor.epoch, view.cursor.seq);
      expect(words(view.conversation), "S2: what is shown is the log up to the cursor").toEqual(words(log));
      const isLive = view.connection.kind === "live";
      if (isLive && view.reasons.size === 0) expect(view.source).toBe("server");
    }
  }
  for (const [sid, stored] of world.store.saved) {
    const log = world.server.folded(sid, stored.cursor.epoch, stored.cursor.seq);
    expect(words(fromStored(stored)), "S3: the disk is the log up to its cursor").toEqual(words(log));
  }
}

/** Faults stop: every tab shows the log of every session, to the end. */
async function converge(world: World): Promise<void> {
  world.isApiUp = true;
  world.store.isBroken = false;
  for (const tab of world.tabs) {
    tab.h.page.setOnline(true);
    tab.h.page.show();
  }
  for (const sid of SESSIONS) {
    for (const tab of world.tabs) void tab.h.core.loadSession(sid);
    for (let round = 0; round < 60; round += 1) {
      await world.clock.advance(1_000);
      for (const tab of world.tabs) {
        for (let open = openConnection(tab); open !== undefined && world.server.pump(open, 3);) {
          open = openConnection(tab);
        }
      }
      check(world);
      const isDone = world.tabs.every((tab) => {
        const view = tab.h.core.view(sid);
        const isAtTail = view?.cursor?.seq === world.server.tail(sid);
        return (
          isAtTail && view?.cursor?.epoch === world.server.epochOf(sid) && view.connection.kind === "live"
        );
      });
      if (isDone) break;
    }
    for (const tab of world.tabs) {
      const view = tab.h.core.view(sid);
      expect(view?.connection.kind, "converged").toBe("live");
      expect(view?.cursor).toEqual({ epoch: world.server.epochOf(sid), seq: world.server.tail(sid) });
    }
  }
  for (const tab of world.tabs) tab.h.core.dispose();
}

it("keeps S1 to S6 over any walk, and shows the log once the faults stop", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { minLength: 1, maxLength: 120, size: "max" }),
      fc.constantFrom(1, TABS),
      async (commands, maxStreams) => {
        const world = createWorld(maxStreams);
        for (const [index, tab] of world.tabs.entries()) void tab.h.core.loadSession(SESSIONS[index]);
        for (const item of commands) {
          await run(world, item);
          check(world);
        }
        await converge(world);
      },
    ),
    { numRuns: 150 },
  );
});
