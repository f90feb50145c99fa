import "fake-indexeddb/auto";
import * as fc from "fast-check";
import { createStore, type UseStore } from "idb-keyval";
import { expect, test } from "vitest";
import { DATABASE_NAME, OBJECT_STORE_NAME } from "../../../src/persistence/keys.ts";
import { REFERRING, type Referring } from "../../../src/persistence/plan-settled.ts";
import { createFakeTab, resetIndexedDb, settle } from "./browser-fakes.ts";
import { ROUND } from "./model-log.ts";
import type { ModelTab } from "./model-tab.ts";
import { rawKeys, writeRaw } from "./raw-records.ts";
import { ALL_REFERRING, E1, E2, modelOf, SID, storeOf } from "./stored-samples.ts";
import { expectNoOrphans, expectTruth } from "./stored-truth.ts";

const TABS = 3;
const upTo = (max: number) => fc.integer({ min: 0, max });
const tab = upTo(TABS - 1);
/** Whether settled turns keep their text where it came, which real ones do from a length on that would make this slow. */
const referring = fc.constantFrom(ALL_REFERRING, REFERRING);

type Deed =
  | {
      readonly kind: "fold";
      readonly tab: number;
      readonly count: number;
      readonly size: number;
      readonly overlap: number;
    }
  | { readonly kind: "save"; readonly tab: number; readonly isAwaited: boolean }
  | { readonly kind: "trickle"; readonly tab: number; readonly count: number }
  | { readonly kind: "snapshot"; readonly tab: number; readonly ahead: number; readonly turns: number }
  | { readonly kind: "page"; readonly tab: number; readonly count: number }
  | { readonly kind: "settle-earlier" | "load" | "crash"; readonly tab: number }
  | { readonly kind: "epoch"; readonly tab: number; readonly seq: number }
  | { readonly kind: "remove" | "evict"; readonly tab: number };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("fold" as const),
      tab,
      count: fc.integer({ min: 1, max: 2 * ROUND }),
      size: fc.integer({ min: 1, max: 12 }),
      overlap: upTo(3 * ROUND),
    }),
  },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant("save" as const), tab, isAwaited: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("trickle" as const),
      tab,
      count: fc.integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("snapshot" as const),
      tab,
      ahead: upTo(3 * ROUND),
      turns: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("page" as const), tab, count: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("settle-earlier" as const, "load" as const, "crash" as const),
      tab,
    }),
  },
);

/** Runs `deeds` in tabs of one browser; after each that was waited for, what is on the disk is true. */
async function live(deeds: readonly Deed[], isForwardOnly: boolean, referring: Referring): Promise<void> {
  resetIndexedDb();
  const tabs: ModelTab[] = Array.from({ length: TABS }, () => modelOf(createFakeTab(), referring));
  const reading = createFakeTab();
  const reader = storeOf(reading);
  let running: Promise<unknown>[] = [];
  let lastSeq = 0;
  for (const deed of deeds) {
    const one = tabs[deed.tab];
    if (one === undefined) throw new Error("no such tab");
    switch (deed.kind) {
      case "fold":
        one.fold(one.seq() + deed.count, deed.size, deed.overlap);
        break;
      case "save":
        running.push(one.save());
        if (!deed.isAwaited) continue;
        await Promise.all(running);
        running = [];
        break;
      case "trickle":
        // Event by event, so that some saves have text only.
        for (let step = 0; step < deed.count; step += 1) {
          one.fold(one.seq() + 1);
          await one.save();
        }
        break;
      case "snapshot":
        one.jump(one.moment().cursor.epoch, one.seq() + deed.ahead, deed.turns);
        break;
      case "page":
        one.page(deed.count);
        break;
      case "settle-earlier":
        one.settleEarlier();
        break;
      case "load":
        await one.load();
        break;
      case "crash":
        // Its saves may or may not have come through; the next life knows what the disk has.
        tabs[deed.tab] = modelOf(createFakeTab(), referring);
        await tabs[deed.tab]?.load();
        break;
      case "epoch":
        one.jump(E2, deed.seq);
        break;
      case "remove":
        await one.store.remove(SID);
        break;
      case "evict":
        for (const key of await rawKeys()) await writeRaw(key, undefined);
        break;
    }
    const found = await reader.load(SID);
    if (found === undefined) continue;
    expectTruth(found);
    // S3: within an epoch forward only, whoever wrote; over epochs and deletions the seq has no meaning.
    if (isForwardOnly) expect(found.cursor.seq).toBeGreaterThanOrEqual(lastSeq);
    lastSeq = found.cursor.seq;
  }
  await Promise.all(running);
  await expectNoOrphans();
  // Nobody empties the disk behind their backs, so nothing on it is ever broken.
  if (isForwardOnly) expect(reading.reporter.warnings).toEqual([]);
  const found = await reader.load(SID);
  if (found !== undefined) expectTruth(found);
}

/** Thousands of transactions in all, which wait for nothing: a test that is given up goes on, and writes into the next one's disk. */
const MUCH_WORK = { timeout: 60_000 };

test(
  "S3: whatever tabs save, load and settle in any order, the disk is the log at its cursor, and moves forward",
  MUCH_WORK,
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 30 }), referring, (deeds, which) =>
        live(deeds, true, which),
      ),
      { numRuns: 150 },
    );
  },
);

test(
  "S3: over other epochs, deletions and evictions too, nothing is mixed and nothing is left behind",
  MUCH_WORK,
  async () => {
    const other = fc.oneof(
      { weight: 8, arbitrary: deed },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("epoch" as const), tab, seq: upTo(2 * ROUND) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom("remove" as const, "evict" as const, "evict" as const),
          tab,
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(other, { maxLength: 30 }), referring, (deeds, which) =>
        live(deeds, false, which),
      ),
      { numRuns: 100 },
    );
  },
);

/** A disk that takes the first `count` write transactions and then dies with its tab. */
function dyingAfter(count: number): () => UseStore {
  let left = count;
  return () => {
    const useStore = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
    return (mode, callback) => {
      if (mode === "readwrite") left -= 1;
      return left < 0 ? new Promise(() => undefined) : useStore(mode, callback);
    };
  };
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "S3: killed after transaction %i of a save that takes several, the disk is true and the next tab goes on",
  async (count) => {
    resetIndexedDb();
    // The first transaction is the look whether the disk works.
    const dying = modelOf(createFakeTab({ connect: dyingAfter(count) }));
    dying.fold(130 * ROUND + 7, 50);
    void dying.save();
    const next = modelOf(createFakeTab());
    await settle();
    const left = await next.store.load(SID);
    expect(left !== undefined).toBe(count > 1);
    if (left !== undefined) expectTruth(left);
    await next.load();
    await expectNoOrphans();
    // What was lost is fetched again: by the log, or by pages of the server.
    next.fold(next.seq() + 3);
    next.page(500);
    expect(await next.save()).toMatch(/written|stale/);
    const stored = await storeOf(createFakeTab()).load(SID);
    if (stored === undefined) throw new Error("it is gone");
    expectTruth(stored);
    await expectNoOrphans();
  },
);

test("a long session is read from its end, and the earlier turns page by page", async () => {
  resetIndexedDb();
  const writer = modelOf(createFakeTab());
  writer.fold(100 * ROUND, 60);
  writer.settleEarlier();
  await writer.save();
  const store = storeOf(createFakeTab());
  const stored = await store.load(SID);
  if (stored === undefined) throw new Error("it is gone");
  expectTruth(stored);
  expect(stored.transcript.turns).toHaveLength(50);
  expect(stored.transcript.hasMore).toBe(true);
  const all = writer.moment();
  const ids = [...all.earlier.map((turn) => turn.id), ...all.conversation.turns.keys()];
  let known = stored.transcript.turns.map((turn) => turn.id);
  for (let hasMore = true; hasMore;) {
    const first = known[0];
    if (first === undefined) throw new Error("no turns");
    const page = await store.loadEarlier(SID, E1, first, 40);
    if (page === undefined) throw new Error("the disk has it");
    expect(page.turns.length).toBeGreaterThan(0);
    known = [...page.turns.map((turn) => turn.id), ...known];
    ({ hasMore } = page);
  }
  expect(known).toEqual(ids);
  const [oldest] = known;
  expect(oldest === undefined ? "none" : await store.loadEarlier(SID, E1, oldest, 40)).toBeUndefined();
});

test("S3: a frame that repeats the end of an ended turn takes none of its text from what is saved", async () => {
  const fold = { kind: "fold" as const, tab: 0, size: 1 };
  const deeds: readonly Deed[] = [
    { ...fold, count: 31, overlap: 0 },
    { ...fold, count: 1, overlap: 3 },
    { ...fold, tab: 1, count: 1, overlap: 0 },
    { kind: "save", tab: 1, isAwaited: false },
    { kind: "save", tab: 0, isAwaited: false },
  ];
  await live(deeds, true, REFERRING);
});

test("S3: settled turns that a frame repeats do not come back into a run that began behind them", async () => {
  const deeds: readonly Deed[] = [
    { kind: "snapshot", tab: 0, ahead: 20, turns: 1 },
    { kind: "save", tab: 0, isAwaited: false },
    { kind: "save", tab: 2, isAwaited: false },
    { kind: "fold", tab: 2, count: 21, size: 1, overlap: 16 },
  ];
  await live(deeds, true, ALL_REFERRING);
});
