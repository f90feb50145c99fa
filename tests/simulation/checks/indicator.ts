import type { Life, Tab } from "../world/tab.ts";
import { Violation } from "../world/violation.ts";
import type { VirtualEventSource } from "../world/virtual-event-source.ts";
import type { World } from "../world/world.ts";

const HEARTBEAT_MS = 10_000;
/** A dead line is recovered from within three heartbeats while visible. */
const DEAD_LINE_MS = 3 * HEARTBEAT_MS;
/** The watchdog's own limit, and how often it doubles: after each line in a row that died owing text and had brought none. */
const SILENT_MS = 2.5 * HEARTBEAT_MS;
const MAX_DOUBLINGS = 3;
const LOOK_MS = 3_000;
/** A connect that never answers is given up. */
const CONNECT_MS = 10_000 + 2_000;
/** Back from away, a dead line is left behind. */
const RETURN_MS = 1_000;
/** What the disk knows, or that it does not answer, is known by then, and a connection is on its way. */
const IDLE_MS = 12_000;
/** An idle stream of a hidden page goes after 30 s, told by timers that fire once a minute: two or three of them. */
const IDLE_HIDDEN_MS = 190_000;

/** Which lines died barren, and since when the page has been in sight without a break. */
export interface IndicatorMemory {
  readonly lives: WeakMap<Life, LifeMemory>;
}

interface LifeMemory {
  inSightSinceMs: number | undefined;
  /** Since when nothing is under way for the open session. */
  idleSinceMs: number | undefined;
  idleHiddenSinceMs: number | undefined;
  wallOffsetMs: number;
  /** The lines at the last look, and how many of a session in a row died owing text and had brought none. */
  lines: readonly VirtualEventSource[];
  readonly barren: Map<string, number>;
}

export function createIndicatorMemory(): IndicatorMemory {
  return { lives: new WeakMap() };
}

/** What the page says of its connection is true, within its bound. Looked at every second. */
export function checkIndicator(world: World, memory: IndicatorMemory, tab: Tab, life: Life): void {
  const nowMs = world.time.now();
  const wallOffsetMs = world.browser.wallMs() - nowMs;
  const { isHidden, isOnline } = life.page.facts;
  const isInSight = life.loop.state === "running" && !isHidden && isOnline;
  const known = memory.lives.get(life) ?? {
    inSightSinceMs: undefined,
    idleSinceMs: undefined,
    idleHiddenSinceMs: undefined,
    wallOffsetMs,
    lines: [],
    barren: new Map<string, number>(),
  };
  memory.lives.set(life, known);
  countBarren(known, life);
  checkIdleHidden(world, known, tab, life);
  if (!isInSight || known.wallOffsetMs !== wallOffsetMs) known.inSightSinceMs = undefined;
  known.wallOffsetMs = wallOffsetMs;
  if (!isInSight) return;
  known.inSightSinceMs ??= nowMs;
  const idle = idleSession(life);
  if (idle === undefined) known.idleSinceMs = undefined;
  else known.idleSinceMs ??= nowMs;
  const idleMs = nowMs - Math.max(known.idleSinceMs ?? Infinity, known.inSightSinceMs);
  if (idleMs > IDLE_MS) {
    world.complain(
      new Violation("indicator", `tab ${tab.number} has done nothing for ${idle} for ${idleMs} ms`),
    );
  }
  const isLive = life.app.state.connection.chip.peek().text.startsWith("Live");
  for (const source of life.network.sources) {
    const { deadSinceMs } = source;
    const limitMs = patienceMs(known, source);
    const silentMs = nowMs - Math.max(deadSinceMs ?? Infinity, known.inSightSinceMs);
    if (silentMs > limitMs) {
      const how = isLive ? 'says "Live"' : "keeps the line";
      world.complain(
        new Violation("indicator", `tab ${tab.number} ${how} ${silentMs} ms after the line died`),
      );
    }
    const waitingMs = nowMs - Math.max(source.openedAtMs, known.inSightSinceMs);
    if (!source.hasGreeted && waitingMs > CONNECT_MS) {
      world.complain(
        new Violation("indicator", `tab ${tab.number} waits for an answer to a connect for ${waitingMs} ms`),
      );
    }
    const back = life.cameBack;
    if (back === undefined || deadSinceMs === undefined || deadSinceMs >= back.atMs) continue;
    if (nowMs - back.atMs > RETURN_MS && back.atMs >= known.inSightSinceMs - 1_000) {
      world.complain(
        new Violation(
          "indicator",
          `tab ${tab.number} came back ${nowMs - back.atMs} ms ago and still has the dead line`,
        ),
      );
    }
  }
}

/** Told of every line that has gone since the last look. One that brings text, or owes none, ends the row. */
function countBarren(known: LifeMemory, life: Life): void {
  const { sources } = life.network;
  for (const line of known.lines) {
    if (!line.hasGreeted) continue;
    if (!line.isOwing || line.hasBrought) known.barren.delete(line.session);
    else if (line.deadSinceMs !== undefined && !sources.has(line)) {
      known.barren.set(line.session, (known.barren.get(line.session) ?? 0) + 1);
    }
  }
  known.lines = [...sources];
}

/** How long this line may be believed after it died: longer than three heartbeats only for what may be one long message. */
function patienceMs(known: LifeMemory, line: VirtualEventSource): number {
  const barren = known.barren.get(line.session) ?? 0;
  if (barren === 0 || !line.isOwing || line.hasBrought) return DEAD_LINE_MS;
  return SILENT_MS * 2 ** Math.min(barren, MAX_DOUBLINGS) + LOOK_MS;
}

/** A stream that has nothing to wait for is given back by a page that nobody looks at. */
function checkIdleHidden(world: World, known: LifeMemory, tab: Tab, life: Life): void {
  const { LIVE_STREAMS, INFLIGHT } = life.core;
  const isIdle = [...LIVE_STREAMS.keys()].every((sid) => !INFLIGHT.has(sid));
  const hasJumped = known.wallOffsetMs !== world.browser.wallMs() - world.time.now();
  if (
    hasJumped ||
    life.loop.state !== "running" ||
    !life.page.facts.isHidden ||
    LIVE_STREAMS.size === 0 ||
    !isIdle
  ) {
    known.idleHiddenSinceMs = undefined;
    return;
  }
  const nowMs = world.time.now();
  known.idleHiddenSinceMs ??= nowMs;
  const idleMs = nowMs - known.idleHiddenSinceMs;
  if (idleMs > IDLE_HIDDEN_MS) {
    world.complain(
      new Violation("S5", `tab ${tab.number} keeps an idle stream ${idleMs} ms after it was hidden`),
    );
  }
}

/** The open session when nothing is under way for it though the server knows it, or may. */
function idleSession(life: Life): string | undefined {
  const session = life.core.viewed();
  if (session === undefined || life.core.view(session)?.connection.kind !== "idle") return undefined;
  const isUnheard = life.engine.outbox
    .entries()
    .some((entry) => entry.kind === "create" && entry.session === session);
  return isUnheard ? undefined : session;
}
