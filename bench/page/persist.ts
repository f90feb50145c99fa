import type { AnswerKeeper, KeptAnswer, PersistTimes } from "./kept-answer.ts";

/** What is measured beside each other. */
export const PERSIST_SIDES = ["raw", "behindCursor", "ours"] as const;
export type PersistSide = (typeof PERSIST_SIDES)[number];

type EachSide<Value> = Readonly<Record<PersistSide, Value>>;

/**
 * Every order of the three, so that each comes first, second and last as often, and behind both others: what a write leaves
 * for the disk to do later is done in the time of the next one.
 */
const ORDERS: readonly (readonly PersistSide[])[] = [
  ["raw", "behindCursor", "ours"],
  ["ours", "behindCursor", "raw"],
  ["behindCursor", "ours", "raw"],
  ["raw", "ours", "behindCursor"],
  ["ours", "raw", "behindCursor"],
  ["behindCursor", "raw", "ours"],
];

/**
 * One answer kept by all sides together, step by step: the same flush of each before the next one of any, then the settling
 * of each, then the reading. Disks are slow in bursts, and a burst hits all of them. `answer`: how many came before it.
 */
export async function persistTogether(
  keepers: EachSide<AnswerKeeper>,
  text: string,
  flushes: number,
  answer: number,
): Promise<EachSide<PersistTimes>> {
  const kept: EachSide<KeptAnswer> = {
    raw: await keepers.raw.begin(text, flushes),
    behindCursor: await keepers.behindCursor.begin(text, flushes),
    ours: await keepers.ours.begin(text, flushes),
  };
  const flushMs: EachSide<number[]> = { raw: [], behindCursor: [], ours: [] };
  for (let flush = 0; flush < flushes; flush += 1) {
    for (const side of orderAt(answer + flush)) flushMs[side].push(await kept[side].flush());
  }
  const settleMs = { raw: 0, behindCursor: 0, ours: 0 };
  for (const side of orderAt(answer)) settleMs[side] = await kept[side].settle();
  const readMs = { raw: 0, behindCursor: 0, ours: 0 };
  for (const side of orderAt(answer)) readMs[side] = await kept[side].readBack();
  for (const side of orderAt(answer)) await kept[side].forget();
  const timesOf = (side: PersistSide): PersistTimes => ({
    flushMs: flushMs[side],
    settleMs: settleMs[side],
    readMs: readMs[side],
  });
  return { raw: timesOf("raw"), behindCursor: timesOf("behindCursor"), ours: timesOf("ours") };
}

function orderAt(index: number): readonly PersistSide[] {
  return ORDERS[index % ORDERS.length] ?? [];
}
