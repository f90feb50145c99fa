import { createSqliteStore } from "../../server/sqlite-store.ts";
import { openDataFolder } from "../../server/store/data-folder.ts";
import type { LogRow, SessionRecord } from "../../src/backend/ports.ts";
import type { LogEvent } from "../../src/protocol/events.ts";
import { encodeLogFrame } from "../../src/protocol/frames.ts";
import {
  AgentIdSchema,
  EpochSchema,
  PartIdSchema,
  SessionIdSchema,
  TurnIdSchema,
} from "../../src/protocol/ids.ts";
import * as v from "valibot";

export interface LongSession {
  readonly id: string;
  readonly turns: readonly { readonly id: string; readonly question: string; readonly answer: string }[];
}

const WORDS =
  "the river runs past old mills and quiet fields where morning light turns slate to silver and every path remembers rain".split(
    " ",
  );

/** A word of its own for every turn that asks for one, so that a search has something to find. */
export const RARE_WORD = "quokka";

/**
 * Writes a session of `count` turns (twice as many messages) into the data folder of a server that is not running, as
 * a merged log. Turns are of different lengths, with lists, code and headings, the same for the same `seed`; the answer of
 * turn 3 alone holds {@link RARE_WORD}, upper-cased. Sessions of different seeds can lie in one folder.
 */
export async function seedLongSession(dataDir: string, count: number, seed = 1): Promise<LongSession> {
  const folder = openDataFolder(dataDir);
  if (!folder.ok) throw new Error(folder.error);
  const store = createSqliteStore(folder.value.database);
  const random = seeded(seed);
  const session = v.parse(SessionIdSchema, idOf("5e551011", seed));
  const agent = v.parse(AgentIdSchema, "demo");
  const part = v.parse(PartIdSchema, "a");
  const turns = Array.from({ length: count }, (_, at) => ({
    id: v.parse(TurnIdSchema, idOf("00000000", at + 1)),
    question: `Question ${at + 1}: ${sentence(random, 4 + Math.floor(random() * 20))}?`,
    answer: answerText(random, at + 1),
  }));
  const rows: LogRow[] = [];
  let seq = 0;
  for (const [at, { id: turn, question, answer }] of turns.entries()) {
    const time = 1_700_000_000_000 + at * 60_000;
    const events: LogEvent[] = [
      { type: "turn-queued", at: time, turn, text: question, mode: "queue", agent },
      { type: "turn-started", at: time + 10, turn, agent, model: "demo" },
      { type: "text-delta", at: time + 20, turn, part, offset: 0, delta: answer },
      { type: "turn-ended", at: time + 4_000, turn, outcome: "complete" },
    ];
    const from = seq + 1;
    seq += events.length;
    rows.push({ from, seq, data: encodeLogFrame({ from, seq, events }) });
  }
  const endedAt = 1_700_000_000_000 + count * 60_000;
  const record: SessionRecord = {
    summary: {
      id: session,
      title: `A chat of ${count * 2} messages`,
      createdAt: 1_700_000_000_000,
      updatedAt: endedAt,
      lastEndedAt: endedAt,
      agent,
      pinned: false,
      archived: false,
      status: "idle",
      running: 0,
      queued: 0,
    },
    epoch: v.parse(EpochSchema, "longsession1"),
    tail: 0,
    titledByHand: true,
    openTurns: [],
  };
  await store.open();
  await store.commit([
    { kind: "create", record },
    { kind: "append", record: { ...record, tail: seq }, expectedTail: 0, rows },
  ]);
  await store.close();
  folder.value.close();
  return { id: session, turns };
}

function answerText(random: () => number, number: number): string {
  const blocks = [`Answer ${number}.`];
  if (number === 3) blocks.push(`The ${RARE_WORD.toUpperCase()} lives on an island.`);
  const count = 1 + Math.floor(random() ** 3 * 12);
  for (let at = 0; at < count; at += 1) {
    const kind = random();
    if (kind < 0.1) blocks.push(`## ${sentence(random, 4)}`);
    else if (kind < 0.2) blocks.push(Array.from({ length: 5 }, () => `- ${sentence(random, 6)}`).join("\n"));
    else if (kind < 0.3) {
      blocks.push(
        `\`\`\`js\n${Array.from({ length: 8 }, (_, line) => `let v${line} = ${line};`).join("\n")}\n\`\`\``,
      );
    } else blocks.push(`${sentence(random, 20 + Math.floor(random() * 60))}.`);
  }
  return blocks.join("\n\n");
}

function sentence(random: () => number, words: number): string {
  return Array.from({ length: words }, () => WORDS[Math.floor(random() * WORDS.length)] ?? "").join(" ");
}

function idOf(prefix: string, number: number): string {
  return `${prefix}-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
