import "fake-indexeddb/auto";
import { createStore, type UseStore } from "idb-keyval";
import { beforeEach, expect, test } from "vitest";
import { createConversation } from "../../../src/protocol/conversation.ts";
import type { LogEvent } from "../../../src/protocol/events.ts";
import { LOAD_LIMIT_MS } from "../../../src/persistence/conversation-store.ts";
import { DATABASE_NAME, OBJECT_STORE_NAME } from "../../../src/persistence/keys.ts";
import { applyFrame } from "../../../src/streaming/apply-frame.ts";
import { createNewsKeeper } from "../../../src/streaming/log-news.ts";
import { ended, queued, started, textDelta } from "../../support/wire-samples.ts";
import { createFakeTab, resetIndexedDb, settle } from "./browser-fakes.ts";
import { rawKeys, readRaw, writeRaw } from "./raw-records.ts";
import { E1, SID, storeOf, summary } from "./stored-samples.ts";

beforeEach(resetIndexedDb);

const PIECE_CHARS = 20_000;
const PIECES = 60;

/** An answer of 1.2 million characters on its way to the disk, a save for each piece. */
function longAnswer(store: ReturnType<typeof storeOf>) {
  const shape = { earlier: [], conversation: createConversation() };
  const news = createNewsKeeper();
  let cursor = { epoch: E1, seq: 0 };
  return async (...events: readonly LogEvent[]): Promise<void> => {
    const frame = { from: cursor.seq + 1, seq: cursor.seq + events.length, events };
    const applied = applyFrame(shape.conversation, cursor, frame);
    if (applied.kind !== "applied") throw new Error(applied.kind);
    news.note(cursor, frame);
    ({ cursor } = applied);
    const moment = {
      cursor,
      session: summary(),
      hasMore: false,
      ...shape,
      news: news.read(cursor, shape),
      inflight: { reattach: true, startedAtMs: 5 },
      confirmedEpoch: E1,
    };
    expect(await store.save(SID, () => moment)).toBe("written");
    news.saved(moment);
  };
}

test("an answer of a megabyte is written once, read in pieces, and settles without being written again", async () => {
  const save = longAnswer(storeOf(createFakeTab()));
  await save(queued(1, "go"), started(1));
  let text = "";
  for (let piece = 0; piece < PIECES; piece += 1) {
    const delta = String.fromCharCode(97 + (piece % 26)).repeat(PIECE_CHARS);
    await save(textDelta(1, text.length, delta));
    text += delta;
  }
  const unfinished = await storeOf(createFakeTab()).load(SID);
  expect(unfinished?.inflight?.turns[0]?.parts[0]?.text).toBe(text);
  const chunks = await rawKeys("chunk/");
  expect(chunks).toHaveLength(PIECES + 1);

  await save(ended(1));
  expect(await rawKeys("chunk/")).toHaveLength(PIECES + 2);
  const [turn = "none"] = await rawKeys("turn/");
  expect(JSON.stringify(await readRaw(turn)).length).toBeLessThan(400);
  await save(queued(2, "and now?"));
  const settled = await storeOf(createFakeTab()).load(SID);
  expect(settled?.transcript.turns[0]?.parts[0]?.text).toBe(text);
  expect(settled?.inflight?.turns.map((next) => next.text)).toEqual(["and now?"]);
});

/** A settled answer of 1.2 million characters, and a tab that notes the requests for pieces, by transaction. */
async function settledAnswer() {
  const save = longAnswer(storeOf(createFakeTab()));
  await save(queued(1, "go"), started(1));
  for (let piece = 0; piece < PIECES; piece += 1)
    await save(textDelta(1, piece * PIECE_CHARS, "x".repeat(PIECE_CHARS)));
  await save(ended(1));
  const requests: IDBRequest<unknown[]>[][] = [];
  const connect = (): UseStore => {
    const useStore = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
    return (mode, callback) =>
      useStore(mode, (store) => {
        const getAll = store.getAll.bind(store);
        const ofTransaction: IDBRequest<unknown[]>[] = [];
        store.getAll = (range, count) => {
          if (ofTransaction.length === 0) requests.push(ofTransaction);
          const request = getAll(range, count);
          ofTransaction.push(request);
          return request;
        };
        return callback(store);
      });
  };
  return { requests, tab: createFakeTab({ connect }) };
}

test("a long answer that has settled is asked for a megabyte at once, and comes in pieces of a quarter", async () => {
  const { requests, tab } = await settledAnswer();
  const settled = await storeOf(tab).load(SID);
  expect(settled?.transcript.turns[0]?.parts[0]?.text).toHaveLength(PIECES * PIECE_CHARS);
  expect(requests.map((pieces) => pieces.length)).toEqual([4, 1]);
  for (const { result } of requests.flat()) expect(result.length * PIECE_CHARS).toBeLessThanOrEqual(270_000);
});

test("a long answer that lacks what lies between two pieces is set aside, not shown without it", async () => {
  for (const missing of [12, 13]) {
    resetIndexedDb();
    const { requests, tab } = await settledAnswer();
    const [key = "none"] = (await rawKeys("chunk/")).slice(missing, missing + 1);
    await writeRaw(key, undefined);
    expect(await storeOf(tab).load(SID)).toBeUndefined();
    expect(requests.flat()[0]?.result).toHaveLength(missing === 12 ? 12 : 13);
    expect(await rawKeys("chunk/")).toEqual([]);
    expect(tab.reporter.warnings.join()).toContain("were set aside");
  }
});

test("a disk that answers each piece late is not waited for to the last one: the server is asked", async () => {
  const save = longAnswer(storeOf(createFakeTab()));
  await save(queued(1, "go"), started(1));
  for (let piece = 0; piece < PIECES; piece += 1)
    await save(textDelta(1, piece * PIECE_CHARS, "x".repeat(PIECE_CHARS)));
  const tab = createFakeTab();
  const { records, clock } = tab;
  const late = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    await new Promise<void>((resolve) => void clock.setTimer(4_500, resolve));
    return work();
  };
  const slow: typeof records = {
    ...records,
    read: (keys) => late(() => records.read(keys)),
    readRanges: (ranges, limit) => late(() => records.readRanges(ranges, limit)),
  };
  let loaded: unknown = "waiting";
  const loading = storeOf({ ...tab, records: slow }).load(SID);
  void (async () => (loaded = await loading))();
  for (let elapsedMs = 0; elapsedMs <= LOAD_LIMIT_MS; elapsedMs += 500) {
    await settle(() => loaded !== "waiting", 3);
    clock.advance(500);
  }
  await settle(() => loaded !== "waiting");
  expect(loaded).toBeUndefined();
  expect(tab.reporter.warnings.join()).toContain("the server is asked");
});
