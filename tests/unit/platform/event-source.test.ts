import { expect, test } from "vitest";
import { createEventSourcePort, type NativeSource } from "../../../src/platform/event-source.ts";
import { CONTROL_NAMES } from "../../../src/protocol/frames.ts";

/** A native source whose events the test fires, as an engine would: even after `close`. */
class FakeNative extends EventTarget implements NativeSource {
  closes = 0;
  close(): void {
    this.closes += 1;
  }
  message(type: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(type, { data }));
  }
}

function open() {
  const native = new FakeNative();
  const calls: string[] = [];
  const urls: string[] = [];
  const port = createEventSourcePort((url) => {
    urls.push(url);
    return native;
  });
  const source = port.open("/api/stream", {
    onOpen: () => calls.push("open"),
    onMessage: (name, data) => calls.push(`${name ?? "frame"}:${data}`),
    onError: () => calls.push("error"),
  });
  return { native, calls, urls, source };
}

test("log frames and every control frame are handed on by name", () => {
  const { native, calls, urls } = open();
  native.dispatchEvent(new Event("open"));
  native.message("message", "a");
  for (const name of CONTROL_NAMES) native.message(name, "b");
  native.message("not-ours", "c");
  expect(urls).toEqual(["/api/stream"]);
  expect(calls).toEqual(["open", "frame:a", ...CONTROL_NAMES.map((name) => `${name}:b`)]);
});

test("every error is reported, whatever readyState says", () => {
  const { native, calls } = open();
  native.dispatchEvent(new Event("error"));
  native.dispatchEvent(new Event("error"));
  expect(calls).toEqual(["error", "error"]);
});

test("S6: close is idempotent and silences what is still in the queue", () => {
  const { native, calls, source } = open();
  source.close();
  source.close();
  native.dispatchEvent(new Event("open"));
  native.message("message", "late");
  native.message("ping", "late");
  native.dispatchEvent(new Event("error"));
  expect(native.closes).toBe(1);
  expect(calls).toEqual([]);
});

test("what can't be opened reports an error later, unless it is closed by then", async () => {
  const calls: string[] = [];
  const port = createEventSourcePort(() => {
    throw new ReferenceError("EventSource is not defined");
  });
  const handlers = {
    onOpen: () => undefined,
    onMessage: () => undefined,
    onError: () => void calls.push("error"),
  };
  port.open("::", handlers);
  port.open("::", handlers).close();
  expect(calls).toEqual([]);
  await Promise.resolve();
  expect(calls).toEqual(["error"]);
});
