import { expect } from "vitest";
import { expectProblem, newTurnId } from "./client.ts";
import { countTo, ENDLESS } from "./test-agent.ts";
import type { Rule } from "./rule.ts";
import { answerText, turnStory } from "./stream-reading.ts";

export function stopRules(rule: Rule): void {
  rule("P2.34 stop ends that very turn and no other", async ({ client }) => {
    const sid = await client.create();
    const { tid: a } = await client.begin(sid);
    const { tid: b, stream } = await client.begin(sid, ENDLESS, { mode: "parallel" });
    const next = await client.send(sid, "echo next");
    await client.stop(sid, a);
    await stream.untilEnded(next);
    const ends = stream
      .events()
      .flatMap((event) => (event.type === "turn-ended" ? [[event.turn, event.outcome]] : []));
    expect(ends).toEqual([
      [a, "stopped"],
      [next, "complete"],
    ]);
    const known = answerText(stream.events(), b).length;
    await stream.until("B to go on", () =>
      answerText(stream.events(), b).length > known ? true : undefined,
    );
  });

  rule("P2.34 stop pressed late for the old turn leaves the new one alone", async ({ client }) => {
    const sid = await client.create();
    const old = await client.play(sid, "echo old");
    const { tid, stream } = await client.begin(sid, "count 60 5");
    await client.stop(sid, old);
    expect((await stream.untilEnded(tid)).outcome).toBe("complete");
    expect(answerText(stream.events(), tid)).toBe(countTo(60));
  });

  rule("P2.35 a queued turn that is stopped ends without having started", async ({ client }) => {
    const sid = await client.create();
    const { tid: a, stream } = await client.begin(sid);
    const b = await client.send(sid, "echo b");
    await client.stop(sid, b);
    await stream.untilEnded(b);
    expect(
      turnStory(
        stream.events(),
        new Map([
          [a, "A"],
          [b, "B"],
        ]),
      ),
    ).toEqual(["queued A", "started A", "queued B", "ended B stopped"]);
  });

  rule("P2.36 stopping again changes nothing", async ({ client }) => {
    const sid = await client.create();
    const { tid, stream } = await client.begin(sid);
    const stops = await Promise.all(
      [1, 2, 3].map(() => client.call("POST", `/sessions/${sid}/turns/${tid}/stop`)),
    );
    expect(stops.map((answer) => answer.status)).toEqual([202, 202, 202]);
    await stream.untilEnded(tid);
    const { tail } = await client.log(sid);
    await client.stop(sid, tid);
    expect((await client.log(sid)).tail).toBe(tail);
    expectProblem(await client.call("POST", `/sessions/${sid}/turns/${newTurnId()}/stop`), "turn-not-found");
  });

  rule(
    "P2.34 a stop that comes while the turn is about to start stops it all the same",
    async ({ client }) => {
      const sid = await client.create();
      const stream = await client.open(sid);
      for (let count = 0; count < 10; count += 1) {
        const tid = await client.send(sid, ENDLESS, { mode: count % 2 === 0 ? "queue" : "parallel" });
        await client.stop(sid, tid);
        expect((await stream.untilEnded(tid)).outcome).toBe("stopped");
      }
      const ends = (await client.log(sid)).events.filter((event) => event.type === "turn-ended");
      expect(ends).toHaveLength(10);
    },
  );
}
