import { join } from "node:path";
import * as v from "valibot";
import { createSqliteStore } from "../../server/sqlite-store.ts";
import { openDataFolder } from "../../server/store/data-folder.ts";
import { systemRandom } from "../../server/system-random.ts";
import type { LogRow, LogStore, SessionRecord } from "../../src/backend/ports.ts";
import {
  AgentIdSchema,
  SessionIdSchema,
  TurnIdSchema,
  type SessionId,
  type TurnId,
} from "../../src/protocol/ids.ts";

/** The session that benchmarks of one session use. */
export const SID = sessionId(1);

export function sessionId(number: number): SessionId {
  return v.parse(SessionIdSchema, `01890000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`);
}

export function turnId(number: number): TurnId {
  return v.parse(TurnIdSchema, `01890000-0000-7000-9000-${number.toString(16).padStart(12, "0")}`);
}

/** The record of a session, as the backend keeps it beside its log. */
export function sessionRecord(id: SessionId, title: string, agent: string, tail: number): SessionRecord {
  const summary = {
    id,
    title,
    createdAt: 1,
    updatedAt: 1,
    agent: v.parse(AgentIdSchema, agent),
    pinned: false,
    archived: false,
    status: "idle" as const,
    running: 0,
    queued: 0,
  };
  return { summary, epoch: systemRandom.epoch(), tail, titledByHand: true, openTurns: [] };
}

/** One event a row, the worst there is: nothing of it has been compacted. */
export function rowsOf(events: readonly unknown[], afterSeq = 0): readonly LogRow[] {
  return events.map((event, index) => {
    const seq = afterSeq + index + 1;
    return { from: seq, seq, data: JSON.stringify({ from: seq, seq, events: [event] }) };
  });
}

/** One turn of that many events, whose answer comes in small deltas. */
export function turnEvents(
  number: number,
  count: number,
  delta: (index: number) => string,
  agent: string,
): unknown[] {
  const turn = turnId(number);
  const events: unknown[] = [
    { type: "turn-queued", at: number, turn, text: `question ${number}`, mode: "queue", agent },
    { type: "turn-started", at: number, turn, agent },
  ];
  let offset = 0;
  for (let index = 0; events.length < count - 1; index += 1) {
    const text = delta(index);
    events.push({ type: "text-delta", at: number, turn, part: `t${number}`, offset, delta: text });
    offset += text.length;
  }
  events.push({ type: "turn-ended", at: number, turn, outcome: "complete" });
  return events;
}

/** Works on the store of a data folder while no server holds it. */
export async function withStore<Value>(
  folder: string,
  use: (store: LogStore) => Promise<Value>,
): Promise<Value> {
  const opened = openDataFolder(folder);
  if (!opened.ok) throw new Error(opened.error);
  try {
    return await use(createSqliteStore(opened.value.database));
  } finally {
    opened.value.close();
  }
}

/** Puts a session with these events into a data folder that no server holds. */
export async function seedSession(
  folder: string,
  record: SessionRecord,
  events: readonly unknown[],
): Promise<void> {
  await withStore(folder, (store) =>
    store.commit([
      { kind: "create", record: { ...record, tail: 0 } },
      {
        kind: "append",
        record: { ...record, tail: record.tail + events.length },
        expectedTail: 0,
        rows: rowsOf(events),
      },
    ]),
  );
}

/** Where the database of a data folder lies. */
export function databasePath(folder: string): string {
  return join(folder, "holdfast.sqlite");
}
