import { expect } from "vitest";
import type { Rule } from "./rule.ts";
import { answerText, expectContiguous, turnStory } from "./stream-reading.ts";

export function crashRules(rule: Rule): void {
  rule(
    "P3.25 after a crash no client is ahead of the log, and what it saw is there",
    async ({ own, without }) => {
      const client = await own();
      const { target } = client;
      if (target.crash === undefined) return without("crash");
      const sid = await client.create();
      const { tid, stream } = await client.begin(sid, "count 20000 1");
      const { epoch } = await stream.untilControl("hello");
      await stream.until("200 numbers", () =>
        answerText(stream.events(), tid).length > 700 ? true : undefined,
      );
      await target.crash();
      await stream.close();
      const seen = stream.frames().at(-1)?.seq ?? 0;
      const shown = answerText(stream.events(), tid);
      const log = await client.log(sid);
      expect(log.epoch).toBe(epoch);
      expect(log.tail).toBeGreaterThanOrEqual(seen);
      expect(answerText(log.events, tid).startsWith(shown)).toBe(true);
      const next = await client.open(sid, { after: `${epoch}.${seen}` });
      await next.until("caught-up or resync", () =>
        next.controls().find((frame) => frame.name === "caught-up" || frame.name === "resync"),
      );
      const resync = next.controls().find((frame) => frame.name === "resync");
      if (resync !== undefined) expect(resync).toEqual({ name: "resync", reason: "trimmed" });
    },
    ["crash"],
  );

  rule(
    "P4.14 what ran in a crash is interrupted with its text kept, and what was queued goes on",
    async ({ own, without }) => {
      const client = await own();
      const { target } = client;
      if (target.crash === undefined) return without("crash");
      const sid = await client.create();
      const { tid: a, stream } = await client.begin(sid);
      const beside = await client.begin(sid, "approve", { mode: "parallel" });
      const b = await client.send(sid, "echo b");
      const c = await client.send(sid, "echo c");
      const shown = answerText(stream.events(), a);
      await target.crash();
      await client.untilEnded(sid, c);
      const log = await client.log(sid);
      expectContiguous(log.frames, 0);
      const names = new Map([
        [a, "A"],
        [b, "B"],
        [c, "C"],
      ]);
      const story = turnStory(log.events, names).filter(
        (line) => /[ABC]/.test(line) && !line.startsWith("queued"),
      );
      expect(story).toEqual([
        "started A",
        "ended A interrupted",
        "started B",
        "ended B complete",
        "started C",
        "ended C complete",
      ]);
      expect(answerText(log.events, a).startsWith(shown)).toBe(true);
      const ends = log.events.filter((event) => event.type === "turn-ended" && event.turn === beside.tid);
      expect(ends).toHaveLength(1);
      expect(await client.row(sid)).toMatchObject({ running: 0, queued: 0 });
    },
    ["crash"],
  );

  rule(
    "P4.15 an interrupted turn is continued",
    async ({ own, without }) => {
      const client = await own();
      const { target } = client;
      if (target.crash === undefined) return without("crash");
      const sid = await client.create();
      const { tid } = await client.begin(sid, "count 300 10");
      await target.crash();
      await client.untilEnded(sid, tid);
      const next = await client.play(sid, "", { continues: tid });
      const { turns } = await client.snapshot(sid);
      expect(turns.map((turn) => [turn.id, turn.outcome, turn.continues])).toEqual([
        [tid, "interrupted", undefined],
        [next, "complete", tid],
      ]);
    },
    ["crash"],
  );

  rule(
    "P2.13 a deleted session stays deleted over a crash",
    async ({ own, without }) => {
      const client = await own();
      const { target } = client;
      if (target.crash === undefined) return without("crash");
      const sid = await client.create();
      await client.play(sid, "echo gone");
      await client.call("DELETE", `/sessions/${sid}`);
      await target.crash();
      expect((await client.call("PUT", `/sessions/${sid}`, {})).status).toBe(410);
      expect((await client.call("GET", `/sessions/${sid}`)).status).toBe(410);
    },
    ["crash"],
  );

  rule(
    "P2.22 a send that was accepted before a crash is known after it",
    async ({ own, without }) => {
      const client = await own();
      const { target } = client;
      if (target.crash === undefined) return without("crash");
      const sid = await client.create();
      const tid = await client.play(sid, "echo once");
      await target.crash();
      const turns = `/sessions/${sid}/turns`;
      expect((await client.call("POST", turns, { id: tid, text: "echo once", mode: "queue" })).status).toBe(
        200,
      );
      expect((await client.call("POST", turns, { id: tid, text: "echo twice", mode: "queue" })).status).toBe(
        409,
      );
      const types = (await client.log(sid)).events.map((event) => event.type);
      expect(types.filter((type) => type === "turn-started")).toHaveLength(1);
    },
    ["crash"],
  );
}
