import { expect } from "vitest";
import { newSessionId, newTurnId } from "./client.ts";
import { countTo } from "./test-agent.ts";
import type { Rule } from "./rule.ts";
import { answerText, expectContiguous } from "./stream-reading.ts";

export function modelRules(rule: Rule): void {
  rule("P1.1 an answer is made of parts, each with its own id and its own buffer", async ({ client }) => {
    const sid = await client.create();
    const tid = await client.play(sid, "think 3");
    const { turns } = await client.snapshot(sid);
    expect(turns.map((turn) => turn.id)).toEqual([tid]);
    const parts = turns[0]?.parts ?? [];
    expect(new Set(parts.map((part) => part.id)).size).toBe(parts.length);
    expect(new Set(parts.map((part) => part.type))).toEqual(new Set(["reasoning", "text"]));
  });

  rule("P1.2 turns side by side never mix", async ({ client }) => {
    const sid = await client.create();
    const stream = await client.open(sid);
    const first = await client.send(sid, "count 60 5");
    const second = await client.send(sid, "count 50 5", { mode: "parallel" });
    const third = await client.send(sid, "think 2", { mode: "parallel" });
    for (const tid of [first, second, third]) await stream.untilEnded(tid);
    expect(answerText(stream.events(), first)).toBe(countTo(60));
    expect(answerText(stream.events(), second)).toBe(countTo(50));
    const types = stream.events().map((event) => ("turn" in event ? `${event.type} ${event.turn}` : ""));
    expect(types.indexOf(`turn-started ${second}`)).toBeLessThan(types.indexOf(`turn-ended ${first}`));
  });

  rule("P1.3 seq is 1, 2, 3 … without holes", async ({ client }) => {
    const sid = await client.create();
    await client.play(sid, "count 30 1");
    await client.play(sid, "tools");
    const log = await client.log(sid);
    expectContiguous(log.frames, 0);
    expect(log.frames.at(-1)?.seq).toBe(log.tail);
  });

  rule("P1.4 seq goes on with the next turn in the same epoch", async ({ client }) => {
    const sid = await client.create();
    await client.play(sid, "echo one");
    const before = await client.log(sid);
    await client.play(sid, "echo two");
    const after = await client.log(sid);
    expect(after.epoch).toBe(before.epoch);
    expect(after.tail).toBeGreaterThan(before.tail);
    expectContiguous(after.frames, 0);
  });

  rule(
    "P1.4 seq goes on with the next turn, and after a restart in the same epoch",
    async ({ own, without }) => {
      const other = await own();
      if (other.target.restart === undefined) return without("restart");
      const kept = await other.create();
      await other.play(kept, "echo one");
      const first = await other.log(kept);
      await other.target.restart();
      await other.play(kept, "echo two");
      const second = await other.log(kept);
      expect(second.epoch).toBe(first.epoch);
      expectContiguous(second.frames, 0);
      expect(second.tail).toBeGreaterThan(first.tail);
    },
    ["restart"],
  );

  rule("P1.5 every log has an epoch of its own", async ({ client }) => {
    const epochs = new Set<string>();
    for (let count = 0; count < 5; count += 1) epochs.add((await client.log(await client.create())).epoch);
    expect(epochs.size).toBe(5);
    for (const epoch of epochs) expect(epoch).toMatch(/^[0-9a-z]{1,32}$/);
  });

  rule(
    "P1.6 restoring a backup gives every log a new epoch",
    async ({ own, without }) => {
      const client = await own();
      if (client.target.restoreBackup === undefined) return without("backup");
      const sid = await client.create();
      const kept = await client.play(sid, "echo kept");
      const before = await client.log(sid);
      await client.target.restoreBackup(async () => {
        await client.play(sid, "echo lost");
      });
      const after = await client.log(sid);
      expect(after.epoch).not.toBe(before.epoch);
      expect((await client.snapshot(sid)).turns.map((turn) => turn.id)).toEqual([kept]);
      const stream = await client.open(sid, { after: `${before.epoch}.${before.tail}` });
      expect(await stream.untilControl("resync")).toMatchObject({ reason: "epoch" });
    },
    ["backup"],
  );

  rule("P1.8 a cursor is <epoch>.<seq> everywhere, and .0 is the beginning", async ({ client }) => {
    const sid = await client.create();
    await client.play(sid, "echo hello");
    const { epoch, tail } = await client.log(sid);
    const raw = (await client.call("GET", `/sessions/${sid}`)).json() as { cursor: unknown };
    expect(raw.cursor).toBe(`${epoch}.${tail}`);
    const stream = await client.open(sid, { after: `${epoch}.0` });
    await stream.untilSeq(tail);
    expectContiguous(stream.frames(), 0);
    expect(stream.blocks.find((block) => block.id !== undefined)?.id?.startsWith(`${epoch}.`)).toBe(true);
  });

  rule("P1.9 a run goes on when its last reader leaves", async ({ client }) => {
    const sid = await client.create();
    const { tid, stream } = await client.begin(sid, "count 60 5");
    await stream.close();
    await client.untilEnded(sid, tid);
    const { events } = await client.log(sid);
    expect(answerText(events, tid)).toBe(countTo(60));
    expect(events.at(-1)).toMatchObject({ type: "turn-ended", outcome: "complete" });
  });

  rule(
    "P1.10 turn-ended is in the log once for every turn, and a late reader finds it",
    async ({ client }) => {
      const sid = await client.create();
      const played = [
        await client.play(sid, "echo a"),
        await client.play(sid, "fail"),
        await client.play(sid, "echo b"),
      ];
      const late = await client.open(sid);
      await late.untilControl("caught-up");
      const ends = late.events().flatMap((event) => (event.type === "turn-ended" ? [event.turn] : []));
      expect(ends).toEqual(played);
    },
  );

  rule(
    "P1.11 ids are the client's, so that creating and sending twice at once does it once",
    async ({ client }) => {
      const sid = await client.create();
      const twice = client.adopt(newSessionId());
      const made = await Promise.all([1, 2, 3].map(() => client.call("PUT", `/sessions/${twice}`, {})));
      expect(made.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 200, 201]);
      const id = newTurnId();
      const sent = await Promise.all(
        [1, 2, 3, 4, 5].map(() =>
          client.call("POST", `/sessions/${sid}/turns`, { id, text: "echo once", mode: "queue" }),
        ),
      );
      for (const answer of sent) expect([200, 202]).toContain(answer.status);
      await client.untilEnded(sid, id);
      const types = (await client.log(sid)).events.map((event) => event.type);
      for (const type of ["turn-queued", "turn-started", "turn-ended"] as const) {
        expect(types.filter((other) => other === type)).toHaveLength(1);
      }
    },
  );
}
