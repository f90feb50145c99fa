import { expect, test } from "vitest";
import { DOUBT_MS, shedDeadConnections } from "../../../src/platform/dead-connections.ts";
import { createEventSourcePort, type NativeSource } from "../../../src/platform/event-source.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

/** A browser that keeps connections, the last used first, and takes six at most; dead ones answer nothing. */
function createPool(dead: number) {
  const kept = Array.from({ length: dead }, (): "dead" | "good" => "dead");
  const pool = { kept, used: 0, questions: 0 };
  const use = (): { readonly isGood: boolean; readonly letGo: () => void } | undefined => {
    if (pool.kept.length === 0 && pool.used >= 6) return undefined;
    const isGood = (pool.kept.shift() ?? "good") === "good";
    pool.used += 1;
    return { isGood, letGo: () => void (pool.used -= 1) };
  };
  async function ask(signal: AbortSignal): Promise<void> {
    pool.questions += 1;
    const connection = use();
    try {
      if (connection?.isGood === true) return;
      await new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      });
    } finally {
      connection?.letGo();
    }
  }
  return { ask, pool, use };
}

class FakeNative extends EventTarget implements NativeSource {
  isClosed = false;
  readonly #letGo: (() => void) | undefined;
  constructor(connection: { readonly isGood: boolean; readonly letGo: () => void } | undefined) {
    super();
    this.#letGo = connection?.letGo;
    if (connection?.isGood === true) queueMicrotask(() => this.dispatchEvent(new Event("open")));
  }
  close(): void {
    if (!this.isClosed) this.#letGo?.();
    this.isClosed = true;
  }
}

function createWorld(dead: number) {
  const clock = createVirtualClock();
  const { ask, pool, use } = createPool(0);
  const natives: FakeNative[] = [];
  const calls: string[] = [];
  const port = createEventSourcePort(
    () => {
      const native = new FakeNative(use());
      natives.push(native);
      return native;
    },
    { clock, ask },
  );
  const open = (url = "/api/sessions/a/stream?after=1") =>
    port.open(url, {
      onOpen: () => calls.push("open"),
      onMessage: (name) => calls.push(name ?? "frame"),
      onError: () => calls.push("error"),
    });
  /** All kept connections die. */
  const die = (): void => void (pool.kept = Array.from({ length: dead }, () => "dead"));
  return { calls, clock, die, natives, open, pool };
}

test("what hangs is shed and the server answers over a fresh connection, however many are dead", async () => {
  for (const dead of [0, 1, 4, 5]) {
    const clock = createVirtualClock();
    const { ask, pool } = createPool(dead);
    const shed = shedDeadConnections({ clock, ask }, new AbortController().signal);
    await clock.advance(300);
    expect(await shed).toBe(true);
    expect(pool).toMatchObject({ kept: [], used: 0 });
  }
});

test("a server that can't be reached, and a question no longer asked, answer no", async () => {
  const clock = createVirtualClock();
  const refuse = (): Promise<never> => Promise.reject(new TypeError("refused"));
  expect(await shedDeadConnections({ clock, ask: refuse }, new AbortController().signal)).toBe(false);
  const over = new AbortController();
  const shed = shedDeadConnections({ clock, ask: createPool(5).ask }, over.signal);
  over.abort();
  expect(await shed).toBe(false);
  expect(clock.pendingTimers()).toBe(0);
});

test("a stream reopened after silence gets through five dead connections within 700 ms", async () => {
  const { calls, clock, die, natives, open } = createWorld(5);
  const first = open();
  await clock.settle();
  die();
  first.close();
  open("/api/sessions/a/stream?after=9");
  await clock.advance(700);
  expect(calls).toEqual(["open", "open"]);
  expect(natives.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
});

test("a stream that answers in time, a first one, and another session's cost no question", async () => {
  const { clock, open, pool } = createWorld(0);
  open().close();
  open("/api/sessions/b/stream").close();
  open("/api/sessions/b/stream");
  await clock.advance(10 * DOUBT_MS);
  expect(pool.questions).toBe(0);
  expect(clock.pendingTimers()).toBe(0);
});

test("after an error or a goodbye, which say what happened, nothing is doubted", async () => {
  for (const event of [new Event("error"), new MessageEvent("bye", { data: "{}" })]) {
    const { clock, die, natives, open, pool } = createWorld(5);
    const first = open();
    await clock.settle();
    natives[0]?.dispatchEvent(event);
    die();
    first.close();
    open();
    await clock.advance(10 * DOUBT_MS);
    expect(pool.questions).toBe(0);
  }
});

test("a source closed while it is doubted is not opened again", async () => {
  const { calls, clock, die, natives, open, pool } = createWorld(6);
  open().close();
  die();
  const second = open();
  await clock.advance(DOUBT_MS + 100);
  expect(pool.questions).toBe(5);
  second.close();
  await clock.advance(10_000);
  expect(natives).toHaveLength(2);
  expect(calls).toEqual([]);
});
