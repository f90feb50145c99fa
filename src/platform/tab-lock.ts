import type { Reporter, TabLock } from "../streaming/ports.ts";

/** The part of `navigator.locks` that is used. */
export interface LockRequests {
  request(name: string, callback: () => Promise<void>, signal?: AbortSignal): Promise<unknown>;
}

const PREFIX = "holdfast:";

/**
 * One holder of a name over all tabs. Web Locks exist in secure contexts only; without them the holder is one
 * over this tab, and what the lock protects must be idempotent for the rest (sends are, by their turn id).
 */
export function createTabLock(
  reporter: Reporter,
  getLocks: () => LockRequests | undefined = browserLocks,
): TabLock {
  const locks = findLocks(getLocks);
  const inTab = createChains();

  return {
    async withLock(name, work, givenUp) {
      const leaving = new AbortController();
      void givenUp?.then(() => leaving.abort());
      const workUnlessLeft: typeof work = () =>
        leaving.signal.aborted ? Promise.reject(new Error(`waiting for "${name}" was given up`)) : work();
      if (locks === undefined) return inTab(name, workUnlessLeft);
      let begun: ReturnType<typeof work> | undefined;
      const run = async (): Promise<void> => {
        begun = workUnlessLeft();
        // Its failure is the caller's, handed on below; the lock is only to be let go of.
        await Promise.allSettled([begun]);
      };
      try {
        // A request that waits would be granted to a page that is frozen by then, and held by nobody.
        await locks.request(PREFIX + name, run, givenUp === undefined ? undefined : leaving.signal);
      } catch (error) {
        if (begun === undefined && leaving.signal.aborted) throw error;
        // WebKit lets go of a lock when the page enters the back-forward cache and rejects after the return;
        // a document that isn't fully active is refused. Work that has begun is not begun again.
        reporter.warn(
          `The lock "${name}" over tabs was lost or refused; going on with one over this tab.`,
          error,
        );
      }
      return begun ?? inTab(name, workUnlessLeft);
    },
  };
}

function browserLocks(): LockRequests | undefined {
  // Missing in insecure contexts, whatever the types say.
  if (!("locks" in navigator) || navigator.locks === undefined) return undefined;
  const manager = navigator.locks;
  return {
    request: (name, callback, signal) =>
      manager.request(name, signal === undefined ? {} : { signal }, callback),
  };
}

function findLocks(getLocks: () => LockRequests | undefined): LockRequests | undefined {
  try {
    return getLocks();
  } catch {
    // Refused in an opaque origin or with site data blocked.
    return undefined;
  }
}

/** Per name, work runs one after the other. */
function createChains(): TabLock["withLock"] {
  const tails = new Map<string, Promise<unknown>>();
  async function forget(name: string, tail: Promise<unknown>): Promise<void> {
    await tail;
    if (tails.get(name) === tail) tails.delete(name);
  }
  return (name, work) => {
    const before = tails.get(name) ?? Promise.resolve();
    const result = before.then(work);
    // The next one starts whether this one failed or not; its failure is its caller's.
    const tail = Promise.allSettled([result]);
    tails.set(name, tail);
    void forget(name, tail);
    return result;
  };
}
