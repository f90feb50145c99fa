import { expect, test } from "vitest";
import { createTabLock, type LockRequests } from "../../../src/platform/tab-lock.ts";
import { createRecordingReporter } from "../persistence/browser-fakes.ts";

function gate(): { readonly passed: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

/** Web Locks of one origin, shared by the "tabs" of a test. */
function createLocks(): LockRequests & { readonly names: string[] } {
  const names: string[] = [];
  const tails = new Map<string, Promise<void>>();
  return {
    names,
    async request(name, callback) {
      names.push(name);
      const before = tails.get(name);
      const own = gate();
      tails.set(name, own.passed);
      await before;
      await callback();
      own.open();
    },
  };
}

const refused = (): ReturnType<typeof createTabLock> =>
  createTabLock(createRecordingReporter(), () => ({
    request: () => Promise.reject(new DOMException("no", "SecurityError")),
  }));

test("over tabs, one holds a name at a time and others go on beside it", async () => {
  const locks = createLocks();
  const [here, there] = [
    createTabLock(createRecordingReporter(), () => locks),
    createTabLock(createRecordingReporter(), () => locks),
  ];
  const order: string[] = [];
  const first = gate();
  const a = here.withLock("outbox", async () => {
    order.push("a begins");
    await first.passed;
    order.push("a ends");
    return 1;
  });
  const b = there.withLock("outbox", async () => void order.push("b"));
  await there.withLock("another", async () => void order.push("another"));
  first.open();
  expect(await a).toBe(1);
  await b;
  expect(order).toEqual(["a begins", "another", "a ends", "b"]);
  expect(locks.names[0]).toBe("holdfast:outbox");
});

test.each([
  ["Web Locks", () => createTabLock(createRecordingReporter(), createLocks)],
  ["refused Web Locks", refused],
  ["no Web Locks", () => createTabLock(createRecordingReporter(), () => undefined)],
  [
    "Web Locks that throw on access",
    () =>
      createTabLock(createRecordingReporter(), () => {
        throw new DOMException("no", "SecurityError");
      }),
  ],
])("with %s, work that fails hands its error on and lets the next one in", async (_, create) => {
  const lock = create();
  const failing = lock.withLock("a", async () => {
    throw new Error("broken");
  });
  const next = lock.withLock("a", async () => "next");
  await expect(failing).rejects.toThrow("broken");
  expect(await next).toBe("next");
});

test("without Web Locks, work of this tab still runs one after the other", async () => {
  const lock = refused();
  const order: string[] = [];
  const first = gate();
  const a = lock.withLock("a", async () => {
    await first.passed;
    order.push("a");
  });
  const b = lock.withLock("a", async () => void order.push("b"));
  await Promise.resolve();
  first.open();
  await Promise.all([a, b]);
  expect(order).toEqual(["a", "b"]);
});

test("a lock lost in the back-forward cache does not begin the work again", async () => {
  let runs = 0;
  const reporter = createRecordingReporter();
  const lock = createTabLock(reporter, () => ({
    async request(_, callback) {
      void callback();
      throw new DOMException("stolen", "AbortError");
    },
  }));
  const value = await lock.withLock("a", async () => {
    runs += 1;
    return "done";
  });
  expect([value, runs, reporter.warnings.length]).toEqual(["done", 1, 1]);
});

test("waiting can be given up: the request is taken out of the browser's queue, and the work never runs", async () => {
  const left = gate();
  let runs = 0;
  const lock = createTabLock(createRecordingReporter(), () => ({
    request: (_name, _callback, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new DOMException("given up", "AbortError")));
      }),
  }));
  const waiting = lock.withLock(
    "a",
    async () => {
      runs += 1;
    },
    left.passed,
  );
  left.open();
  await expect(waiting).rejects.toThrow("given up");
  expect(runs).toBe(0);
});

test("without Web Locks, what was given up is passed over when its turn comes", async () => {
  const lock = refused();
  const first = gate();
  const left = gate();
  const order: string[] = [];
  const a = lock.withLock("a", () => first.passed);
  const b = lock.withLock("a", async () => void order.push("b"), left.passed);
  left.open();
  await Promise.resolve();
  first.open();
  await a;
  await expect(b).rejects.toThrow("given up");
  expect(order).toEqual([]);
});

test("giving up after the lock was granted changes nothing", async () => {
  const left = gate();
  const done = gate();
  const lock = createTabLock(createRecordingReporter(), createLocks);
  const held = lock.withLock("a", () => done.passed.then(() => "done"), left.passed);
  left.open();
  await Promise.resolve();
  done.open();
  expect(await held).toBe("done");
});
