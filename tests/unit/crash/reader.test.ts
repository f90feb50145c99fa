import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { ApiClient } from "../../crash/api-client.ts";
import { checkDisk } from "../../crash/disk-check.ts";
import type { DiskLogs } from "../../crash/disk-logs.ts";
import { Ledger } from "../../crash/ledger.ts";
import { LogFold, type WireFrame } from "../../crash/log-fold.ts";
import { Reader } from "../../crash/reader.ts";
import { SeededRandom } from "../../crash/seeded-random.ts";

const SESSION = "s1";
let server: Server | undefined;

afterEach(() => server?.close());

/** Answers each connect with the next of these streams, and the last of them with an end for good. */
async function serve(
  streams: readonly string[],
): Promise<{ readonly api: ApiClient; readonly cursors: string[] }> {
  const cursors: string[] = [];
  const left = [...streams];
  server = createServer((request, response) => {
    cursors.push(new URL(request.url ?? "", "http://localhost").searchParams.get("after") ?? "");
    response.setHeader("content-type", "text/event-stream");
    response.end(left.shift() ?? "");
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { api: new ApiClient(`http://127.0.0.1:${port}/`), cursors };
}

const hello = (tail: number): string => `event: hello\ndata: ${JSON.stringify({ epoch: "e", tail })}\n\n`;
const RESYNC = `event: resync\ndata: ${JSON.stringify({ reason: "trimmed" })}\n\n`;
const frame = ({ from, seq, events }: WireFrame): string =>
  `id: e.${seq}\ndata: ${JSON.stringify({ from, seq, events })}\n\n`;

const queued = { type: "turn-queued", turn: "t1", text: "hello" };
const started = { type: "turn-started", turn: "t1" };
const begun: WireFrame = { from: 1, seq: 2, events: [queued, started] };
const delta = (from: number, seq: number, offset: number, text: string): WireFrame => ({
  from,
  seq,
  events: [{ type: "text-delta", turn: "t1", part: "p", offset, delta: text }],
});

function disk(...frames: readonly WireFrame[]): DiskLogs {
  const fold = new LogFold();
  for (const each of frames) fold.add(each);
  const stored = { epoch: "e", title: undefined, rows: frames.length, fold };
  return {
    sessions: new Map([[SESSION, stored]]),
    deleted: new Set(),
    violations: [],
  } as unknown as DiskLogs;
}

interface Read {
  readonly reader: Reader;
  readonly violations: readonly string[];
  readonly counts: readonly string[];
  readonly cursors: readonly string[];
}

async function read(...streams: readonly string[]): Promise<Read> {
  const { api, cursors } = await serve(streams);
  const counts: string[] = [];
  const violations: string[] = [];
  const random = new SeededRandom(1);
  const reader = new Reader({ session: SESSION, kind: "stream", random, count: (what) => counts.push(what) });
  // One after the other, as lives of the server are: a stream that is cut ends the reading.
  while (cursors.length < streams.length) await reader.read(api, () => false, violations);
  api.close();
  return { reader, violations, counts, cursors };
}

const unread = (reader: Reader, stored: DiskLogs): readonly string[] =>
  checkDisk(stored, new Ledger(), [reader], false).filter((what) => what.startsWith("a reader"));

test("a reader whose cursor was merged away begins anew, is counted, and is judged by what it had read before, too", async () => {
  const { reader, violations, counts, cursors } = await read(
    hello(3) + frame(begun) + frame(delta(3, 3, 0, "a")),
    hello(4) + RESYNC,
    hello(2) + frame(begun),
  );
  expect(cursors).toEqual(["", "e.3", ""]);
  expect(counts).toEqual(["readers told to resync, trimmed"]);
  expect(violations).toEqual([]);
  expect(unread(reader, disk(begun, delta(3, 4, 0, "ab")))).toEqual([]);
  expect(unread(reader, disk(begun))).toEqual([
    expect.stringContaining("before it was resynced, was told of 4, the disk ends at 2"),
  ]);
  expect(unread(reader, disk(begun, delta(3, 4, 0, "xy"))).join()).toContain('was "a" and is "xy"');
});

test("a hole that begins right after the cursor is no merged row, though it is called trimmed", async () => {
  const { violations } = await read(
    hello(3) + frame(begun) + frame(delta(3, 3, 0, "a")),
    hello(4) + RESYNC,
    hello(4) + frame(begun) + frame(delta(3, 3, 0, "a")) + frame(delta(4, 4, 1, "b")),
  );
  expect(violations).toEqual([
    expect.stringContaining("resync trimmed at 3, though the log goes on right after it"),
  ]);
});

test("a log whose beginning is gone is a violation", async () => {
  const { violations } = await read(hello(3) + RESYNC);
  expect(violations).toEqual([expect.stringContaining("can't be read at all")]);
});

test("what a reader finds wrong in a later life is told there", async () => {
  const { api } = await serve([hello(2) + frame(begun), hello(9) + frame(delta(9, 9, 0, "a"))]);
  const reader = new Reader({
    session: SESSION,
    kind: "stream",
    random: new SeededRandom(1),
    count: () => {},
  });
  const lives: string[][] = [[], []];
  for (const violations of lives) await reader.read(api, () => false, violations);
  api.close();
  expect(lives[0]).toEqual([]);
  expect(lives[1]?.[0]).toContain("a frame 9..9 after 2");
});
