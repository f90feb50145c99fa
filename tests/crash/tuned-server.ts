import { startServer } from "../../server/compose.ts";
import { loadConfig } from "../../server/config.ts";
import { systemClock } from "../../server/system-clock.ts";
import type { Clock } from "../../src/backend/ports.ts";
import { SeededRandom } from "./seeded-random.ts";

// The product's own server with shorter times, and a clock that jumps, as a process of its own. A test's entry.

/** The time of day jumps by up to `maxMs` either way several times a second; timers, which are no time of day, do not. */
function jumpingClock(maxMs: number, random: SeededRandom): Clock {
  let offsetMs = 0;
  const jump = (): void => {
    offsetMs = random.int(-maxMs, maxMs);
    setTimeout(jump, random.int(20, 200)).unref();
  };
  jump();
  return { now: () => Date.now() + offsetMs, setTimer: (delayMs, run) => systemClock.setTimer(delayMs, run) };
}

function numberOf(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined ? undefined : Number(text);
}

const config = loadConfig(process.env);
if (!config.ok) throw new Error(config.error);
const heartbeatMs = numberOf("TEST_HEARTBEAT_MS");
const busyLimitMs = numberOf("TEST_BUSY_LIMIT_MS");
const jumpMs = numberOf("TEST_CLOCK_JUMP_MS");
const server = await startServer(config.value, {
  ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
  ...(busyLimitMs === undefined ? {} : { busyLimitMs }),
  ...(jumpMs === undefined ? {} : { clock: jumpingClock(jumpMs, new SeededRandom(process.pid)) }),
});
process.once("SIGTERM", () => void server.close().then(() => process.exit(0)));
process.stdout.write(`Holdfast is ready: ${server.url}\n`);
