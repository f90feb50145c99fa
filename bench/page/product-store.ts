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
import { timed, type AnswerKeeper, type KeptAnswer } from "./kept-answer.ts";

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

/** The product's own store, as the app builds it. Only saving and reading are timed, not the folding before them. */
export function openProductStore(measures: Measures): AnswerKeeper {
  const clock = createClock();
  const records = openStoredRecords({
    clock,
    page,
    reporter,
    measures,
    notify: ({ message }) => reporter.warn(message),
  });
  const store = createConversationStore({ records, clock, reporter, uuid: () => crypto.randomUUID() });
  return {
    begin: (text, flushes) => beginAnswer(store, text, flushes),
    close: () => records.dispose(),
  };
}

async function beginAnswer(store: ConversationStore, text: string, flushes: number): Promise<KeptAnswer> {
  const sid = v.parse(SessionIdSchema, crypto.randomUUID());
  const turn = v.parse(TurnIdSchema, crypto.randomUUID());
  // The same object over saves, as the app holds it: another one says that turns have come before it.
  const shape = { earlier: [], conversation: createConversation() };
  const { conversation } = shape;
  const news = createNewsKeeper();
  const size = Math.ceil(text.length / flushes);
  let cursor = { epoch, seq: 0 };
  let at = 0;

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
  return {
    flush() {
      fold(deltas(turn, text.slice(at, at + size), at));
      at += size;
      return save();
    },
    settle() {
      fold([{ type: "turn-ended", at: 3, turn, outcome: "complete" }]);
      return save();
    },
    readBack: () =>
      timed(async () => {
        const stored = await store.load(sid);
        const read = stored?.transcript.turns[0]?.parts[0]?.text;
        if (read !== text) throw new Error(`Read back ${read?.length ?? 0} characters of ${text.length}.`);
      }),
    forget: () => store.remove(sid),
  };
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
