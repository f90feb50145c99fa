/**
 * A page says by a Web Lock that it lives: the browser takes the lock from it when it dies, however it dies.
 * Without Web Locks nothing is watched; `close` at `pagehide` is all there is then.
 */

/** Takes a lock that this page holds for as long as it lives. Resolves with its name once it is held. */
export async function holdPageLock(): Promise<string> {
  const name = `holdfast-mock-page-${crypto.randomUUID()}`;
  if (!hasLocks()) return name;
  await new Promise<void>((resolve, reject) => {
    navigator.locks
      .request(name, () => {
        resolve();
        return new Promise<never>(() => undefined);
      })
      .catch(reject);
  });
  return name;
}

/** Calls `gone` once the page that holds `name` is dead. */
export function watchPageLock(name: string, gone: () => void): void {
  if (!hasLocks()) return;
  navigator.locks.request(name, gone).catch(gone);
}

/** Runs `run` when no other realm holds `name`, and keeps the lock until this realm dies. */
export async function runExclusively<Value>(name: string, run: () => Promise<Value>): Promise<Value> {
  if (!hasLocks()) return run();
  return new Promise<Value>((resolve, reject) => {
    navigator.locks
      .request(name, async () => {
        resolve(run());
        await new Promise<never>(() => undefined);
      })
      .catch(reject);
  });
}

function hasLocks(): boolean {
  return "locks" in navigator;
}
