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
import { conformanceSuite } from "./suite.ts";
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

/** The backend and the mock's endpoints as one function, over a disk in memory. */
async function makeMockTarget(options: TargetOptions = {}): Promise<ConformanceTarget | undefined> {
  if (options.isSignedOut === true) return undefined;
  let disk = createMemoryDisk();
  let life = await begin(disk);
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
      disk = copyMemoryDisk(disk);
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
      for (const log of backup.logs.values()) log.record = { ...log.record, epoch: browserRandom.epoch() };
      disk = backup;
      life = await begin(disk);
    },
    async close() {
      await life.backend.drain(0);
      life.stop();
    },
  };
}

conformanceSuite("mock", makeMockTarget);
