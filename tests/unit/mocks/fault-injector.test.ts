import { describe, expect, it } from "vitest";
import { createFaultInjector } from "../../../src/mocks/fault-injector.ts";
import { WRONG_CURSOR } from "../../../src/mocks/faults.ts";
import { createMockFetch } from "../../../src/mocks/handlers.ts";
import { createFakeBackend, type FakeBackend } from "./fake-backend.ts";
import { createTextReader, type TextReader } from "./text-reader.ts";

const STREAM = "http://mock.test/api/sessions/00000000-0000-7000-8000-00000000000a/stream";

function frame(seq: number): { readonly id: string; readonly data: string } {
  return { id: `e.${seq}`, data: `{"seq":${seq}}` };
}

const text = (seq: number): string => `id: e.${seq}\ndata: {"seq":${seq}}\n\n`;

async function openStream(
  fetch: (request: Request) => Promise<Response>,
  headers: Record<string, string> = {},
): Promise<TextReader> {
  const reader = createTextReader(await fetch(new Request(STREAM, { headers })));
  expect(await reader.next()).toBe("retry: 1000\n\n");
  expect(await reader.next()).toContain("event: hello");
  return reader;
}

function write(backend: FakeBackend, seq: number): void {
  backend.streams.at(-1)?.sink.write(frame(seq));
}

describe("the fault injector", () => {
  it("changes nothing by itself", async () => {
    const backend = createFakeBackend();
    const { fetch, control } = createFaultInjector(createMockFetch(backend));
    const reader = await openStream(fetch);
    expect(control.openStreams()).toBe(1);
    write(backend, 1);
    expect(await reader.next()).toBe(text(1));
    await reader.cancel();
    expect(control.openStreams()).toBe(0);
    expect(backend.streams[0]?.unsubscribed).toBe(1);
  });

  it("breaks open streams on a drop, tells the backend, and leaves the next one whole", async () => {
    const backend = createFakeBackend();
    const { fetch, control } = createFaultInjector(createMockFetch(backend));
    const reader = await openStream(fetch);
    const next = reader.next();
    control.dropStreams();
    await expect(next).rejects.toThrow("dropped");
    expect(backend.streams[0]?.unsubscribed).toBe(1);
    const again = await openStream(fetch);
    write(backend, 1);
    expect(await again.next()).toBe(text(1));
    await again.cancel();
  });

  it("lets nothing through on a stalled stream, neither bytes nor the end, until the reader leaves", async () => {
    const backend = createFakeBackend();
    const { fetch, control } = createFaultInjector(createMockFetch(backend));
    const reader = await openStream(fetch);
    control.stallStreams();
    let isSettled = false;
    const next = reader.next().finally(() => {
      isSettled = true;
    });
    write(backend, 1);
    backend.streams[0]?.sink.end();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(isSettled).toBe(false);
    await reader.cancel();
    expect(await next).toBeUndefined();
  });

  it("cuts the next log frame in the middle and ends the stream", async () => {
    const backend = createFakeBackend();
    const { fetch, control } = createFaultInjector(createMockFetch(backend));
    const reader = await openStream(fetch);
    control.truncateStreams();
    write(backend, 1);
    const half = (await reader.next()) ?? "";
    expect(text(1).startsWith(half)).toBe(true);
    expect(half.length).toBeLessThan(text(1).length);
    expect(await reader.next()).toBeUndefined();
  });

  it("duplicates and reorders frames on their way", async () => {
    const backend = createFakeBackend();
    const { fetch, control } = createFaultInjector(createMockFetch(backend));
    control.setModes({ reordersFrames: true });
    const reader = await openStream(fetch);
    const next = reader.next();
    write(backend, 1);
    write(backend, 2);
    expect([await next, await reader.next()]).toEqual([text(2), text(1)]);
    control.setModes({ reordersFrames: false, duplicatesFrames: true });
    write(backend, 3);
    expect([await reader.next(), await reader.next()]).toEqual([text(3), text(3)]);
    await reader.cancel();
  });

  it("answers as many requests with 502 as asked for", async () => {
    const { fetch, control } = createFaultInjector(createMockFetch(createFakeBackend()));
    control.setModes({ badGateways: 2 });
    const health = (): Promise<Response> => fetch(new Request("http://mock.test/api/health"));
    expect((await health()).status).toBe(502);
    expect((await fetch(new Request(STREAM))).status).toBe(502);
    expect((await health()).status).toBe(200);
    expect(control.modes().badGateways).toBe(0);
  });

  it("asks for the next stream with a cursor of another epoch, whatever the browser names", async () => {
    const backend = createFakeBackend();
    const { fetch, control } = createFaultInjector(createMockFetch(backend));
    control.setModes({ wrongEpochs: 1 });
    await (await openStream(fetch, { "last-event-id": "e.4" })).cancel();
    await (await openStream(fetch, { "last-event-id": "e.4" })).cancel();
    expect(backend.streams.map((stream) => stream.start)).toEqual([
      { lastEventId: undefined, after: WRONG_CURSOR },
      { lastEventId: "e.4", after: undefined },
    ]);
  });

  it("makes every answer and every block of a stream wait on a slow line", async () => {
    const waits: number[] = [];
    const backend = createFakeBackend();
    const { fetch, control } = createFaultInjector(createMockFetch(backend), (ms) => {
      waits.push(ms);
      return Promise.resolve();
    });
    control.setModes({ latencyMs: 300 });
    const reader = await openStream(fetch);
    expect(waits).toEqual([300, 300, 300]);
    await reader.cancel();
  });

  it("tells its watchers what changed, and no more once they are gone", () => {
    const { control } = createFaultInjector(createMockFetch(createFakeBackend()));
    let told = 0;
    const stop = control.watch(() => {
      told += 1;
    });
    control.setModes({ latencyMs: 1 });
    stop();
    stop();
    control.setModes({ latencyMs: 0 });
    expect(told).toBe(1);
  });
});
