import { Violation } from "../world/violation.ts";
import type { World } from "../world/world.ts";

/** A try that hangs is given up after 15 s, the pause until the next is at most as long; and some patience. Unit: ms. */
const SENT_WITHIN_MS = 45_000;

/** Since when everything works, and since when each message waits. */
export interface WaitingMemory {
  calmSinceMs: number | undefined;
  wallOffsetMs: number;
  readonly since: Map<string, number>;
}

export function createWaitingMemory(): WaitingMemory {
  return { calmSinceMs: undefined, wallOffsetMs: 0, since: new Map() };
}

/** S7: on a line that works a message does not wait for somebody to ask again, and what was accepted is not called refused. */
export function checkWaiting(world: World, memory: WaitingMemory): void {
  const nowMs = world.time.now();
  const wallOffsetMs = world.browser.wallMs() - nowMs;
  if (!isCalm(world) || memory.wallOffsetMs !== wallOffsetMs) memory.calmSinceMs = undefined;
  else memory.calmSinceMs ??= nowMs;
  memory.wallOffsetMs = wallOffsetMs;
  const waiting = new Set<string>();
  for (const [tab, life] of world.liveTabs()) {
    const entries = life.engine.outbox.entries();
    for (const entry of entries) {
      if (entry.kind === "refused") {
        if (world.book.current(entry.session)?.turns.has(entry.body.id) === true) {
          world.complain(
            new Violation(
              "S7",
              `tab ${tab.number} calls "${entry.body.text}" refused, which is in the log of ${entry.session}`,
            ),
          );
        }
        continue;
      }
      // A deletion waits to be undone, and what it deletes waits with it.
      if (entries.some((other) => other.kind === "delete" && other.session === entry.session)) continue;
      const key = `${tab.number} ${entry.id}`;
      waiting.add(key);
      const sinceMs = memory.since.get(key) ?? nowMs;
      memory.since.set(key, sinceMs);
      const waitedMs = nowMs - Math.max(sinceMs, memory.calmSinceMs ?? nowMs);
      if (waitedMs > SENT_WITHIN_MS) {
        world.complain(
          new Violation(
            "S7",
            `tab ${tab.number} has had a ${entry.kind} for ${entry.session} waiting for ${waitedMs} ms on a line that works`,
          ),
        );
      }
    }
  }
  for (const key of memory.since.keys()) if (!waiting.has(key)) memory.since.delete(key);
}

/** Nothing is in the way of a message of any tab: a tab that sleeps may hold what another one waits for. */
function isCalm(world: World): boolean {
  const { server, browser } = world;
  if (!server.isUp() || server.isStoreFull || !server.isSignedIn) return false;
  if (browser.disk.trouble !== "fine" || browser.storage.isFull) return false;
  return world.liveTabs().every(([, life]) => {
    const { page, network, loop, app } = life;
    const isInSight = loop.state === "running" && !page.facts.isHidden && page.facts.isOnline;
    const isLineFine =
      network.mode === "fine" && network.latencyMs[1] < 1_000 && network.nextSends.length === 0;
    return isInSight && isLineFine && !app.state.connection.isSignedOut.peek();
  });
}
