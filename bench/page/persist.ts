import * as v from "valibot";
import { createConversationStore } from "../../src/persistence/conversation-store.ts";
import { openStoredRecords } from "../../src/persistence/open-store.ts";
import { createClock } from "../../src/platform/clock.ts";
import { createConversation } from "../../src/protocol/conversation.ts";
import type { LogEvent } from "../../src/protocol/events.ts";
import {
  AgentIdSchema,
  EpochSchema,
  PartIdSchema,
  SessionIdSchema,
  TurnIdSchema,
} from "../../src/protocol/ids.ts";
import type { SessionSummary } from "../../src/protocol/snapshot.ts";
import { applyFrame } from "../../src/streaming/apply-frame.ts";
import { createNewsKeeper } from "../../src/streaming/log-news.ts";
import { MEASURE_NAMES, type Measures } from "../../src/streaming/measures.ts";
import type { ConversationStore, Page, Reporter } from "../../src/streaming/ports.ts";

const agent = v.parse(AgentIdSchema, "bench");
const part = v.parse(PartIdSchema, "t");
const epoch = v.parse(EpochSchema, "bench1");
/** Deltas that come between two flushes. */
const FLUSH_DELTAS = 20;

const page: Page = { isHidden: () => false, isOnline: () => true, subscribe: () => () => undefined };
const reporter: Reporter = {
  warn(message) {
    throw new Error(message);
  },
};

/** What the page itself did for its writes, of which it has no use but this: `holdfast:disk-work`. */
export interface DiskWork {
  readonly measures: Measures;
  /** The longest since it was last asked. Unit: ms. */
  takeLongestMs(): number;
}

export function watchDiskWork(): DiskWork {
  let longestMs = 0;
  return {
    measures: {
      now: () => performance.now(),
      note(name, startMs) {
        if (name === MEASURE_NAMES.diskWork) longestMs = Math.max(longestMs, performance.now() - startMs);
      },
    },
    takeLongestMs() {
      const taken = longestMs;
      longestMs = 0;
      return taken;
    },
  };
}

/** The product's own store, as the app builds it. */
export function openProductStore(measures: Measures): ConversationStore {
  const clock = createClock();
  const records = openStoredRecords({
    clock,
    page,
    reporter,
    measures,
    notify: ({ message }) => reporter.warn(message),
  });
  return createConversationStore({ records, clock, reporter, uuid: () => crypto.randomUUID() });
}

/** Times of one text on its way to disk and back. Unit: ms. */
export interface PersistTimes {
  readonly flushMs: readonly number[];
  readonly compactMs: number;
  readonly readMs: number;
}

/** One answer, saved `flushes` times while it grows, settled, and read back. Only saving and reading are counted, not the folding before them. */
export async function persistByProduct(
  store: ConversationStore,
  text: string,
  flushes: number,
): Promise<PersistTimes> {
  const sid = v.parse(SessionIdSchema, crypto.randomUUID());
  const turn = v.parse(TurnIdSchema, crypto.randomUUID());
  // The same object over saves, as the app holds it: another one says that turns have come before it.
  const shape = { earlier: [], conversation: createConversation() };
  const { conversation } = shape;
  const news = createNewsKeeper();
  let cursor = { epoch, seq: 0 };

  function fold(events: readonly LogEvent[]): void {
    const frame = { from: cursor.seq + 1, seq: cursor.seq + events.length, events };
    const applied = applyFrame(conversation, cursor, frame);
    if (applied.kind !== "applied") throw new Error(`A frame was not applied: ${applied.kind}.`);
    news.note(cursor, frame);
    cursor = applied.cursor;
  }

  async function save(): Promise<number> {
    const moment = {
      cursor,
      session: summaryOf(sid),
      hasMore: false,
      ...shape,
      news: news.read(cursor, shape),
      inflight: { reattach: true, startedAtMs: 1 },
      confirmedEpoch: epoch,
    };
    const begun = performance.now();
    const outcome = await store.save(sid, () => moment);
    const tookMs = performance.now() - begun;
    if (outcome !== "written") throw new Error(`The store answered ${outcome}.`);
    news.saved(moment);
    return tookMs;
  }

  fold([
    { type: "turn-queued", at: 1, turn, text: "go", mode: "queue", agent },
    { type: "turn-started", at: 2, turn, agent },
  ]);
  await save();
  const flushMs: number[] = [];
  const size = Math.ceil(text.length / flushes);
  for (let at = 0; at < text.length; at += size) {
    fold(deltas(turn, text.slice(at, at + size), at));
    flushMs.push(await save());
  }
  fold([{ type: "turn-ended", at: 3, turn, outcome: "complete" }]);
  const compactMs = await save();
  const begun = performance.now();
  const stored = await store.load(sid);
  const readMs = performance.now() - begun;
  const read = stored?.transcript.turns[0]?.parts[0]?.text;
  if (read !== text) throw new Error(`Read back ${read?.length ?? 0} characters of ${text.length}.`);
  await store.remove(sid);
  return { flushMs, compactMs, readMs };
}

function deltas(turn: v.InferOutput<typeof TurnIdSchema>, text: string, offset: number): LogEvent[] {
  const size = Math.ceil(text.length / FLUSH_DELTAS);
  const events: LogEvent[] = [];
  for (let at = 0; at < text.length; at += size)
    events.push({
      type: "text-delta",
      at: 2,
      turn,
      part,
      offset: offset + at,
      delta: text.slice(at, at + size),
    });
  return events;
}

function summaryOf(id: v.InferOutput<typeof SessionIdSchema>): SessionSummary {
  return {
    id,
    title: "Bench",
    createdAt: 1,
    updatedAt: 1,
    agent,
    pinned: false,
    archived: false,
    status: "running",
    running: 1,
    queued: 0,
  };
}

/**
 * The least: a put of each piece in a transaction of its own, one that puts the whole in their place, one read.
 *
 * @param hasCursor Each transaction reads a cursor before it writes, and writes it: what it takes to let no tab overwrite another's newer text.
 */
export async function persistRaw(text: string, flushes: number, hasCursor: boolean): Promise<PersistTimes> {
  const database = await openRaw();
  const key = crypto.randomUUID();
  const size = Math.ceil(text.length / flushes);
  const flushMs: number[] = [];
  for (let at = 0; at < text.length; at += size) {
    const piece = text.slice(at, at + size);
    const put = (store: IDBObjectStore): unknown => store.put(piece, [key, at]);
    flushMs.push(
      await timed(() => (hasCursor ? writeBehindCursor(database, key, put) : write(database, put))),
    );
  }
  const compactMs = await timed(() =>
    write(database, (store) => {
      store.delete(IDBKeyRange.bound([key, 0], [key, text.length]));
      store.put(text, [key, -1]);
    }),
  );
  const readMs = await timed(async () => {
    const read = await promised(database.transaction("raw").objectStore("raw").get([key, -1]));
    if (read !== text) throw new Error("Raw puts were not read back.");
  });
  await write(database, (store) => store.clear());
  database.close();
  return { flushMs, compactMs, readMs };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function openRaw(): Promise<IDBDatabase> {
  const opening = indexedDB.open("raw", 1);
  opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore("raw"));
  return promised(opening);
}

function promised<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(new Error(String(request.error))));
  });
}

async function writeBehindCursor(
  database: IDBDatabase,
  key: string,
  work: (store: IDBObjectStore) => unknown,
): Promise<void> {
  const transaction = database.transaction("raw", "readwrite");
  const store = transaction.objectStore("raw");
  const cursor: unknown = await promised(store.get([key, -2]));
  work(store);
  store.put({ seq: typeof cursor === "object" ? 1 : 0 }, [key, -2]);
  await ended(transaction);
}

function write(database: IDBDatabase, work: (store: IDBObjectStore) => unknown): Promise<void> {
  const transaction = database.transaction("raw", "readwrite");
  work(transaction.objectStore("raw"));
  return ended(transaction);
}

function ended(transaction: IDBTransaction): Promise<void> {
  transaction.commit();
  return new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", () => reject(new Error(String(transaction.error))));
  });
}
