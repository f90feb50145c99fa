import { createBackend } from "../backend/backend.ts";
import { createDemoAgent } from "../backend/demo-agent.ts";
import type { AgentDirectory, Clock } from "../backend/ports.ts";
import { problem } from "../protocol/problems.ts";
import { browserRandom } from "./browser-random.ts";
import { createMockFetch } from "./handlers.ts";
import {
  createIndexedDbLogStore,
  MOCK_DATABASE,
  renewEpochs,
  resetMockDatabase,
} from "./indexeddb-log-store.ts";
import type { MockFetch } from "./mock-fetch.ts";
import { runExclusively } from "./page-lock.ts";
import type { RelayedBackend } from "./relay-host.ts";
import type { AdminAction } from "./relay-messages.ts";
import { problemResponse } from "./responses.ts";
import { createStoppableClock } from "./stoppable-clock.ts";

/** How long a request waits for the backend to be up before it is told why it isn't. Unit: ms. */
const START_PATIENCE_MS = 5_000;

/** One life of the backend, from a start to a crash. */
interface Life {
  readonly fetch: MockFetch;
  /** As a crash: nothing is said, nothing more is written, every stream breaks. */
  kill(): Promise<void>;
}

/**
 * The backend over IndexedDB, with the demo agent, started at once and again after each {@link AdminAction}.
 * Running answers are resumed, not ended as interrupted: the page that runs the mock is reloaded all the time,
 * and to the developer the server never went away.
 */
export function createMockBackend(warn: (message: string) => void, database = MOCK_DATABASE): RelayedBackend {
  // Two writers over one log would break it: the lock is kept for as long as this realm lives.
  let life = runExclusively(`${database}-backend`, () => begin(warn, database));
  const begun = (next: Promise<Life>): Promise<Life> => {
    // Each request says the reason again; here it is said once, even if none comes.
    next.catch((error: unknown) => warn(messageOf(error)));
    return next;
  };
  life = begun(life);
  let change: Promise<void> = Promise.resolve();
  const renew = async (action: AdminAction): Promise<void> => {
    await life.then(
      (current) => current.kill(),
      // Nothing lives where the start failed; a reset is the way out of just that.
      () => undefined,
    );
    life = begun(perform(action, database).then(() => begin(warn, database)));
    await life;
  };

  return {
    async fetch(request) {
      try {
        const current = await inTime(life);
        return current === undefined ? problemResponse(ELSEWHERE) : await current.fetch(request);
      } catch (error) {
        return problemResponse(problem("internal", messageOf(error)));
      }
    },
    admin(action) {
      // One after the other: a reset in the middle of a restart would leave two lives.
      const done = change.then(() => renew(action));
      change = done.catch(() => undefined);
      return done;
    },
  };
}

const ELSEWHERE = problem(
  "draining",
  "Another tab runs the mock, and this browser has no SharedWorker to share it. Close the other tab.",
  { retryMs: START_PATIENCE_MS },
);

async function perform(action: AdminAction, database: string): Promise<void> {
  switch (action) {
    case "reset":
      await resetMockDatabase(database);
      return;
    case "renew-epochs":
      await renewEpochs(browserRandom, database);
      return;
    case "restart":
      return;
  }
}

async function begin(warn: (message: string) => void, database: string): Promise<Life> {
  const { clock, stop } = createStoppableClock();
  const store = createIndexedDbLogStore(database);
  const death = new AbortController();
  const backend = await createBackend({
    store,
    agents: createDemoDirectory(clock),
    clock,
    random: browserRandom,
    reporter: {
      warn: (message, detail) => warn(detail === undefined ? message : `${message} ${messageOf(detail)}`),
    },
    version: "mock",
    recovery: "resume",
  });
  const fetch = createMockFetch(backend);
  return {
    fetch: (request) =>
      fetch(new Request(request, { signal: AbortSignal.any([request.signal, death.signal]) })),
    async kill() {
      stop();
      await store.close();
      death.abort(new TypeError("The mock's backend was ended."));
    },
  };
}

/** The demo agent and nothing else. */
function createDemoDirectory(clock: Clock): AgentDirectory {
  const demo = createDemoAgent(clock);
  return {
    list: () => Promise.resolve({ agents: [demo.summary], default: demo.summary.id }),
    find: (id) => Promise.resolve(id === demo.summary.id ? demo : undefined),
    defaultId: () => demo.summary.id,
  };
}

/** Undefined when it takes too long. */
async function inTime(life: Promise<Life>): Promise<Life | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), START_PATIENCE_MS);
  });
  try {
    return await Promise.race([life, late]);
  } finally {
    clearTimeout(timer);
  }
}

function messageOf(cause: unknown): string {
  if (cause instanceof Error) return cause.message;
  return typeof cause === "string" ? cause : JSON.stringify(cause);
}
