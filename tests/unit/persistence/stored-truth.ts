import { expect } from "vitest";
import { parse } from "../../../src/protocol/parse.ts";
import { HeadRecordSchema, SettledTurnSchema } from "../../../src/persistence/conversation-records.ts";
import { recordKeys, recordRanges } from "../../../src/persistence/keys.ts";
import { settledKeys } from "../../../src/persistence/read-conversation.ts";
import { isInRange } from "../../../src/persistence/records.ts";
import type { StoredConversation } from "../../../src/streaming/ports.ts";
import { turnsAt } from "./model-log.ts";
import { rawKeys, readRaw } from "./raw-records.ts";
import { SID } from "./stored-samples.ts";

/** S2, S3: what was kept is the model log at the cursor it was kept under: the latest turns, all of them unless it says so. */
export function expectTruth(stored: StoredConversation): void {
  const { cursor, transcript, inflight } = stored;
  const all = turnsAt(cursor.epoch, cursor.seq);
  const kept = [...transcript.turns, ...(inflight?.turns ?? [])];
  const order = inflight?.order ?? transcript.turns.map((turn) => turn.id);
  const shown = order.map((id) => kept.find((turn) => turn.id === id));
  expect(shown).toHaveLength(kept.length);
  expect(shown).toEqual(all.slice(all.length - kept.length));
  expect(transcript.turns.every((turn) => turn.status === "ended")).toBe(true);
  expect(inflight?.turns.some((turn) => turn.status === "ended") ?? false).toBe(false);
  if (kept.length < all.length) expect(transcript.hasMore).toBe(true);
}

/** Nothing is left behind: every piece on the disk is counted by the head. */
export async function expectNoOrphans(): Promise<void> {
  const head = parse(HeadRecordSchema, await readRaw(recordKeys.head(SID)));
  const { settled, tail } =
    head.ok && head.value.kind === "kept" ? head.value : { settled: undefined, tail: undefined };
  const turns = settled === undefined ? [] : settledKeys(SID, settled, settled.first, settled.end);
  const runs = new Set(tail === undefined ? [] : [tail.run]);
  for (const key of turns) {
    const turn = parse(SettledTurnSchema, await readRaw(key));
    if (turn.ok && turn.value.kind === "run") runs.add(turn.value.run.run);
  }
  const chunks = await rawKeys("chunk/");
  const isCounted = (key: string): boolean =>
    [...runs].some((run) => isInRange(key, recordRanges.run(SID, run)));
  expect(chunks.filter((key) => !isCounted(key))).toEqual([]);
  expect(await rawKeys("turn/")).toEqual(turns);
}
