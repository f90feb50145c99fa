import type { TextBuffer } from "../../../src/protocol/conversation.ts";
import type { SessionView } from "../../../src/streaming/ports.ts";
import { CACHE_LIMITS, type Life, type Tab } from "../world/tab.ts";
import { Violation } from "../world/violation.ts";
import type { World } from "../world/world.ts";
import { checkComposer } from "./drafts.ts";
import { conversationComplaint, shownTurnsOf, textOf } from "./conversations.ts";
import { farTurnsComplaint } from "./far-turns.ts";
import { scriptOf } from "../world/script.ts";

/** Streams of one browser (S1), sessions and text that one tab may hold (S8), timers it may have running. */
const MAX_STREAMS = 4;
/** The cache, the one in sight, one that was created meanwhile, one on its way out; those the server has not heard of are nowhere else. */
const MAX_HELD_SESSIONS = CACHE_LIMITS.maxSessions + 3;
const MAX_TIMERS = 500;

/** Everything that must hold of a tab at any moment, as far as it can run. */
export function checkTab(world: World, tab: Tab, life: Life): void {
  const complain = (invariant: string, message: string): void =>
    world.complain(new Violation(invariant, `tab ${tab.number} ${message}`));
  checkStreams(life, complain);
  checkInflight(life, complain);
  checkViews(world, life, complain);
  checkShown(world, life, complain);
  checkMemory(life, complain);
  checkComposer(world, tab, life);
}

type Complain = (invariant: string, message: string) => void;

export function checkBrowser(world: World): void {
  let open = world.occupied.length;
  for (const [, life] of world.liveTabs()) open += life.network.sources.size;
  if (open > MAX_STREAMS) world.complain(new Violation("S1", `${open} streams are open in one browser`));
}

/** S1: no source that the registry does not know, one per session, none for a session out of sight. */
function checkStreams(life: Life, complain: Complain): void {
  const { LIVE_STREAMS } = life.core;
  const open = [...life.network.sources];
  if (open.length !== LIVE_STREAMS.size) {
    complain("S1", `has ${open.length} sources open where the registry knows ${LIVE_STREAMS.size}`);
  }
  for (const sid of LIVE_STREAMS.keys()) {
    if (sid !== life.core.viewed()) complain("S1", `streams ${sid}, which is out of sight`);
  }
  for (const source of open) {
    const sid = new URL(source.url, "http://holdfast").pathname.split("/")[3];
    if (sid === undefined || ![...LIVE_STREAMS.keys()].some((known) => known === sid)) {
      complain("S1", `has a source of ${sid} open that the registry doesn't know`);
    }
  }
}

/** S4: an entry as long as something is unfinished, marked for reattach as long as no stream is open on it. */
function checkInflight(life: Life, complain: Complain): void {
  const { INFLIGHT, LIVE_STREAMS } = life.core;
  for (const [sid, entry] of INFLIGHT) {
    const view = life.core.view(sid);
    if (view === undefined) {
      complain("S8", `keeps unfinished text of ${sid}, which it does not hold`);
      continue;
    }
    if (!hasUnfinished(view)) complain("S4", `keeps an entry for ${sid}, where nothing is unfinished`);
    if (!LIVE_STREAMS.has(sid) && !entry.reattach && !isFollowing(view)) {
      complain("S4", `has closed the stream of ${sid} on an unfinished turn without marking it for reattach`);
    }
    if (view.cursor !== undefined && (entry.seq !== view.cursor.seq || entry.epoch !== view.cursor.epoch)) {
      complain("S4", `has unfinished text of ${sid} at ${entry.seq}, its cursor at ${view.cursor.seq}`);
    }
  }
  for (const { view } of life.core.report()) {
    if (hasUnfinished(view) && !INFLIGHT.has(view.session) && view.connection.kind !== "closed") {
      complain("S4", `has unfinished turns in ${view.session} and no entry for them`);
    }
  }
}

/** Shown as live without a stream of its own: other tabs hold all there may be. */
function isFollowing(view: SessionView): boolean {
  return view.connection.kind === "live";
}

function hasUnfinished(view: SessionView): boolean {
  for (const turn of view.conversation.turns.values()) if (turn.status !== "ended") return true;
  return false;
}

/** Views are looked at once per moment of theirs. */
const checked = new WeakMap<SessionView["conversation"], string>();

/** S2, for everything the tab holds in memory. */
function checkViews(world: World, life: Life, complain: Complain): void {
  for (const { view } of life.core.report()) {
    const { cursor, session } = view;
    if (cursor === undefined) {
      if (view.conversation.turns.size > 0) complain("S2", `shows turns of ${session} without a cursor`);
      continue;
    }
    const history = world.book.of(session, cursor.epoch);
    if (history === undefined) {
      complain("S2", `is at ${cursor.epoch}.${cursor.seq} of ${session}, a log that never was`);
      continue;
    }
    const moment = `${cursor.epoch}.${cursor.seq} ${cursor.seq === history.tail} ${view.hasMore} ${view.conversation.turns.size}`;
    if (checked.get(view.conversation) === moment) continue;
    checked.set(view.conversation, moment);
    const complaint = conversationComplaint(
      history,
      cursor.seq,
      shownTurnsOf(view.conversation),
      view.hasMore,
    );
    if (complaint !== undefined) complain("S2", `in ${session} ${complaint}`);
  }
}

/** A text is looked at once per length, wherever it is shown. */
const shown = new WeakMap<TextBuffer, string>();

/** S2, for what is on the page: the open session's turns and nobody else's. */
function checkShown(world: World, life: Life, complain: Complain): void {
  const { conversation, shell } = life.app.state;
  const route = shell.route.peek();
  const session = conversation.session.peek();
  const addressed = route.kind === "session" ? route.session : undefined;
  if (session !== addressed) {
    complain("S2", `shows the conversation of ${session} at the address of ${addressed}`);
    return;
  }
  if (session === undefined) return;
  const farComplaint = farTurnsComplaint(world, life, session);
  if (farComplaint !== undefined) complain("S2", `in ${session} ${farComplaint}`);
  for (const row of conversation.rows.peek()) {
    for (const slot of row.slots) {
      for (const turn of slot.alternatives) {
        if (turn.delivery.kind !== "accepted") {
          checkWaiting(world, session, turn.text, complain);
          continue;
        }
        const script = scriptOf(session, turn.id).texts;
        for (const part of turn.parts) {
          const place = `${session} ${turn.id} ${part.id} ${part.buffer.length}`;
          if (shown.get(part.buffer) === place) continue;
          shown.set(part.buffer, place);
          const text = textOf(part.buffer);
          if (script.get(part.id)?.startsWith(text) !== true && text !== "") {
            complain(
              "S2",
              `shows in ${session} as ${turn.id}/${part.id}: "${text.slice(-60)}", which was never said there`,
            );
          }
        }
      }
    }
  }
}

/** A message on its way is shown where it was written. */
function checkWaiting(world: World, session: string, text: string, complain: Complain): void {
  const message = world.sent.find((sent) => sent.text === text);
  if (message?.session !== undefined && message.session !== session) {
    const elsewhere = world.sent.some((sent) => sent.text === text && sent.session === session);
    if (!elsewhere) complain("S7", `shows "${text}" in ${session}, written in ${message.session}`);
  }
}

/** S8: what is held is bounded by what is shown and the cache. */
function checkMemory(life: Life, complain: Complain): void {
  const held = life.core.report();
  const unheard = life.engine.outbox.entries().filter((entry) => entry.kind === "create").length;
  if (held.length - unheard > MAX_HELD_SESSIONS) complain("S8", `holds ${held.length} sessions in memory`);
  if (life.loop.timers() > MAX_TIMERS) complain("S8", `has ${life.loop.timers()} timers running`);
}
