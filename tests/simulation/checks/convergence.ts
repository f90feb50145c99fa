import type { SessionId } from "../../../src/protocol/ids.ts";
import { setHidden, wake } from "../commands/page.ts";
import { shownTurns } from "../commands/person.ts";
import type { Life, Tab } from "../world/tab.ts";
import { Violation } from "../world/violation.ts";
import { wasEverDeleted, type World } from "../world/world.ts";

/** How long everything may take to agree after the faults have stopped. Unit: ms of the world's time. */
const SETTLE_MS = 240_000;
/** What the last step has left to come has come by then. Unit: ms. */
const LAST_DEED_MS = 400;
/** How long an opened session may take to be live. Unit: ms. */
const OPEN_MS = 20_000;
/** The list is read every 30 s. Unit: ms. */
const LIST_MS = 40_000;

type Pass = (ms: number) => Promise<void>;

/** Faults stop; every page is looked at, online and signed in: now everything must come to agree with the log. */
export async function converge(world: World, pass: Pass): Promise<void> {
  await endFaults(world, pass);
  await until(world, pass, SETTLE_MS, () => whatIsLeft(world));
  if (world.violation !== undefined) return;
  for (const [tab, life] of world.liveTabs()) {
    for (const session of world.book.sessions.keys()) {
      if (wasEverDeleted(world, session)) continue;
      life.app.actions.openSession(session as SessionId);
      await until(world, pass, OPEN_MS, () => viewComplaint(world, tab, life));
      if (world.violation !== undefined) return;
    }
    await until(world, pass, LIST_MS, () => listComplaint(world, tab, life));
    if (world.violation !== undefined) return;
  }
}

async function endFaults(world: World, pass: Pass): Promise<void> {
  const { server, browser } = world;
  // A tab is killed 300 ms after the last key: before the storage has room again, or it would be asked for what it was refused.
  await pass(LAST_DEED_MS);
  browser.disk.heal();
  browser.storage.isFull = false;
  server.isStoreFull = false;
  for (const letGo of world.occupied.splice(0)) letGo();
  await pass(100);
  for (const tab of world.tabs) {
    tab.network = Object.assign(tab.network, { mode: "fine", latencyMs: [1, 30], isDoubling: false });
    tab.life?.network.nextConnects.splice(0);
    tab.life?.network.nextSends.splice(0);
    if (tab.life === undefined) {
      tab.facts = { isHidden: false, isOnline: true };
      world.load(tab);
    }
    const { life } = tab;
    if (life === undefined) continue;
    life.page.facts.isOnline = true;
    wake(world, tab, false);
    life.page.emit("online");
    await pass(5);
    setHidden(world, life, false);
    await pass(5);
  }
  await pass(25_000);
  for (const [, life] of world.liveTabs()) {
    if (!server.isSignedIn || life.app.state.connection.isSignedOut.peek())
      void life.app.actions.signIn("password");
  }
  await pass(100);
}

/** Waits until nothing is left to complain of, or complains. */
async function until(
  world: World,
  pass: Pass,
  limitMs: number,
  complaint: () => string | undefined,
): Promise<void> {
  let stepMs = 50;
  let left = complaint();
  for (let passedMs = 0; left !== undefined && passedMs < limitMs; passedMs += stepMs) {
    if (world.violation !== undefined) return;
    await pass(stepMs);
    stepMs = Math.min(stepMs * 2, 1_000);
    left = complaint();
  }
  if (left !== undefined) world.complain(new Violation("convergence", left));
}

function whatIsLeft(world: World): string | undefined {
  for (const log of world.book.sessions.values()) {
    for (const turn of log.turns.values()) {
      if (turn.endedSeq === Infinity && turn.withdrawnSeq === Infinity)
        return `turn ${turn.id} has not ended`;
    }
  }
  for (const [tab, life] of world.liveTabs()) {
    const waiting = life.engine.outbox.entries().find((entry) => entry.kind !== "refused");
    if (waiting !== undefined)
      return `tab ${tab.number} still has to send a ${waiting.kind} for ${waiting.session}`;
    const viewed = life.core.viewed();
    const connection = viewed === undefined ? undefined : life.core.view(viewed)?.connection;
    // Asked for before the server had it: it is asked for again when it is opened again.
    if (connection?.kind === "closed" && connection.reason === "not-found") continue;
    const complaint = viewComplaint(world, tab, life);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

/** The open session is live, and shows the log to its end. */
function viewComplaint(world: World, tab: Tab, life: Life): string | undefined {
  const session = life.core.viewed();
  if (session === undefined) return undefined;
  const log = world.book.current(session);
  // Deleted, or lost with a restored backup: the page says so.
  if (log === undefined || wasEverDeleted(world, session)) return undefined;
  const view = life.core.view(session);
  const where = `tab ${tab.number} in ${session}`;
  if (view === undefined) return `${where} holds nothing`;
  if (view.connection.kind !== "live")
    return `${where} is ${view.connection.kind} (${[...view.reasons].join(", ")})`;
  if (view.cursor?.epoch !== log.epoch || view.cursor.seq !== log.tail) {
    return `${where} is at ${view.cursor?.epoch}.${view.cursor?.seq}, the log at ${log.epoch}.${log.tail}`;
  }
  if (!life.app.state.connection.chip.peek().text.startsWith("Live")) {
    return `${where} says "${life.app.state.connection.chip.peek().text}"`;
  }
  const shown = shownTurns(life);
  const accepted = shown.filter((turn) => turn.delivery.kind === "accepted");
  const lacking = log.order.find((id) => !view.hasMore && !accepted.some((turn) => turn.id === id));
  if (lacking !== undefined) return `${where} does not show turn ${lacking}`;
  const extra = accepted.find((turn) => !log.order.includes(turn.id));
  if (extra !== undefined) return `${where} shows turn ${extra.id}, which the log does not have`;
  const waiting = shown.find((turn) => turn.delivery.kind === "sent" || turn.delivery.kind === "waiting");
  if (waiting !== undefined) return `${where} shows "${waiting.text}" as ${waiting.delivery.kind}`;
  const running = shown.find((turn) => turn.delivery.kind === "accepted" && turn.status !== "ended");
  if (running !== undefined) return `${where} shows turn ${running.id} as ${running.status}`;
  return undefined;
}

/** The side bar has the server's sessions, and no others. */
function listComplaint(world: World, tab: Tab, life: Life): string | undefined {
  const shown = new Set<string>(life.app.state.list.rows.peek().map((row) => row.id));
  for (const session of world.book.sessions.keys()) {
    if (!shown.has(session) && !wasEverDeleted(world, session))
      return `tab ${tab.number} does not list ${session}`;
  }
  for (const session of shown) {
    if (world.book.current(session) === undefined)
      return `tab ${tab.number} lists ${session}, which the server does not have`;
  }
  return undefined;
}
