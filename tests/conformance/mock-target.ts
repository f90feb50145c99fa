import { createBackend } from "../../src/backend/backend.ts";
import { createDemoAgent } from "../../src/backend/demo-agent.ts";
import {
  copyMemoryDisk,
  createMemoryDisk,
  createMemoryStore,
  type MemoryDisk,
} from "../../src/backend/memory-store.ts";
import type { AgentDirectory, Clock } from "../../src/backend/ports.ts";
import { MAX_BODY_BYTES } from "../../src/protocol/limits.ts";
import { browserRandom } from "../../src/mocks/browser-random.ts";
import { createMockFetch } from "../../src/mocks/handlers.ts";
import { createStoppableClock } from "../../src/mocks/stoppable-clock.ts";
import type { ConformanceTarget, TargetOptions } from "./target.ts";

const HEARTBEAT_MS = 200;

function demoDirectory(clock: Clock): AgentDirectory {
  const demo = createDemoAgent(clock);
  return {
    list: () => Promise.resolve({ agents: [demo.summary], default: demo.summary.id }),
    find: (id) => Promise.resolve(id === demo.summary.id ? demo : undefined),
    defaultId: () => demo.summary.id,
  };
}

/** One life of the backend over `disk`. */
async function begin(disk: MemoryDisk) {
  const { clock, stop } = createStoppableClock();
  const backend = await createBackend({
    store: createMemoryStore({ disk }),
    agents: demoDirectory(clock),
    clock,
    random: browserRandom,
    reporter: { warn: (message, detail) => console.warn(message, detail) },
    version: "mock",
    heartbeatMs: HEARTBEAT_MS,
  });
  return { backend, fetch: createMockFetch(backend), stop, death: new AbortController() };
}

/** What the disk of a backend does that it must not; for the suite to find. */
interface BadDisk {
  /** A restored backup keeps the epochs of its logs. */
  readonly keepsEpochs?: true;
  /** What was written last is lost in a crash, as on a disk that says "done" too early. */
  readonly isLateByMs?: number;
}

/** The backend and the mock's endpoints as one function, over a disk in memory. */
export async function makeMockTarget(
  options: TargetOptions = {},
  bad: BadDisk = {},
): Promise<ConformanceTarget | undefined> {
  if (options.isSignedOut === true) return undefined;
  let disk = createMemoryDisk();
  let life = await begin(disk);
  const late = bad.isLateByMs === undefined ? undefined : keepLate(() => disk, bad.isLateByMs);
  return {
    name: "mock",
    baseUrl: "http://mock.test",
    heartbeatMs: HEARTBEAT_MS,
    agent: "demo",
    maxBodyBytes: MAX_BODY_BYTES,
    fetch: (request) =>
      life.fetch(new Request(request, { signal: AbortSignal.any([request.signal, life.death.signal]) })),
    async crash() {
      // What is on the disk at this moment is all that the next life finds.
      disk = late?.copy() ?? copyMemoryDisk(disk);
      life.stop();
      life.death.abort(new TypeError("The backend crashed."));
      life = await begin(disk);
    },
    async restart() {
      await life.backend.drain(1_000);
      life = await begin(disk);
    },
    async restoreBackup(meanwhile) {
      const backup = copyMemoryDisk(disk);
      await meanwhile();
      await life.backend.drain(1_000);
      if (bad.keepsEpochs !== true) {
        for (const log of backup.logs.values()) log.record = { ...log.record, epoch: browserRandom.epoch() };
      }
      disk = backup;
      life = await begin(disk);
    },
    async close() {
      late?.stop();
      await life.backend.drain(0);
      life.stop();
    },
  };
}

/** The disk as it was `lateMs` ago. */
function keepLate(now: () => MemoryDisk, lateMs: number) {
  const copies: { readonly atMs: number; readonly disk: MemoryDisk }[] = [];
  const timer = setInterval(() => copies.push({ atMs: Date.now(), disk: copyMemoryDisk(now()) }), 20);
  return {
    copy: () => copies.findLast(({ atMs }) => atMs <= Date.now() - lateMs)?.disk,
    stop: () => clearInterval(timer),
  };
}
