import { expect } from "vitest";
import { expectProblem, newTurnId } from "./client.ts";
import { countTo, ENDLESS } from "./test-agent.ts";
import type { Rule } from "./rule.ts";
import { answerText, turnStory } from "./stream-reading.ts";

export function turnRules(rule: Rule): void {
  rule("P2.21 what was accepted with 202 is in the log", async ({ client }) => {
    const sid = await client.create();
    const tid = await client.send(sid, "echo hello");
    const { events } = await client.log(sid);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "turn-queued", turn: tid, text: "echo hello" }),
    );
  });

  rule(
    "P2.22 the same send again is 200 and runs nothing twice, while it runs and afterwards",
    async ({ client }) => {
      const sid = await client.create();
      const body = { id: newTurnId(), text: "count 40 5", mode: "queue" };
      const send = (): Promise<number> =>
        client.call("POST", `/sessions/${sid}/turns`, body).then((it) => it.status);
      expect(await send()).toBe(202);
      expect(await send()).toBe(200);
      await client.untilEnded(sid, body.id);
      expect(await send()).toBe(200);
      const { events } = await client.log(sid);
      expect(turnStory(events, new Map([[body.id, "A"]]))).toEqual([
        "queued A",
        "started A",
        "ended A complete",
      ]);
      expect(answerText(events, body.id)).toBe(countTo(40));
    },
  );

  rule(
    "P2.23 the same id with other content is a conflict, and a later edit doesn't count",
    async ({ client }) => {
      const sid = await client.create();
      const endless = await client.begin(sid);
      const id = newTurnId();
      const send = (body: object) =>
        client.call("POST", `/sessions/${sid}/turns`, { id, text: "echo first", ...body });
      expect((await send({})).status).toBe(202);
      expectProblem(await send({ text: "echo second" }), "turn-conflict");
      expectProblem(await send({ mode: "parallel" }), "turn-conflict");
      expectProblem(await send({ replaces: endless.tid }), "turn-conflict");
      expect(
        (await client.call("PATCH", `/sessions/${sid}/turns/${id}`, { text: "echo edited" })).status,
      ).toBe(200);
      expect((await send({})).status).toBe(200);
      expectProblem(await send({ text: "echo edited" }), "turn-conflict");
      await client.stop(sid, endless.tid);
      await client.untilEnded(sid, id);
      expect((await send({})).status).toBe(200);
      expectProblem(await send({ text: "echo edited" }), "turn-conflict");
      expect(answerText((await client.log(sid)).events, id)).toBe("edited");
    },
  );

  rule(
    "P2.24 queued turns run one after the other, in the order in which they were sent",
    async ({ client }) => {
      const sid = await client.create();
      const stream = await client.open(sid);
      const a = await client.send(sid, "count 30 5");
      const b = await client.send(sid, "echo b");
      const c = await client.send(sid, "echo c");
      await stream.untilEnded(c);
      const story = turnStory(
        stream.events(),
        new Map([
          [a, "A"],
          [b, "B"],
          [c, "C"],
        ]),
      );
      expect(story.filter((line) => !line.startsWith("queued"))).toEqual([
        "started A",
        "ended A complete",
        "started B",
        "ended B complete",
        "started C",
        "ended C complete",
      ]);
    },
  );

  rule("P2.24 queued turns stay in the session they were sent to", async ({ client }) => {
    const [one, two] = [await client.create("one"), await client.create("two")];
    const running = await client.begin(one);
    const queued = await client.send(one, "echo for one");
    const other = await client.play(two, "echo for two");
    await client.stop(one, running.tid);
    await running.stream.untilEnded(queued);
    expect(answerText(running.stream.events(), queued)).toBe("for one");
    for (const [sid, tids] of [
      [one, [running.tid, queued]],
      [two, [other]],
    ] as const) {
      const { events } = await client.log(sid);
      const named = new Set(events.flatMap((event) => ("turn" in event ? [event.turn] : [])));
      expect([...named]).toEqual(tids);
    }
  });

  rule(
    "P2.25 steering stops the running turn, keeps its partial answer and goes next",
    async ({ client }) => {
      const sid = await client.create();
      const { tid: a, stream } = await client.begin(sid);
      const b = await client.send(sid, "echo b");
      const c = await client.send(sid, "echo c", { mode: "steer" });
      await stream.untilEnded(b);
      const story = turnStory(
        stream.events(),
        new Map([
          [a, "A"],
          [b, "B"],
          [c, "C"],
        ]),
      );
      expect(story.filter((line) => !line.startsWith("queued"))).toEqual([
        "started A",
        "ended A stopped",
        "started C",
        "ended C complete",
        "started B",
        "ended B complete",
      ]);
      const { turns } = await client.snapshot(sid);
      expect(turns.map((turn) => turn.id)).toEqual([a, c, b]);
      expect(turns[0]?.parts.map((part) => part.text).join("")).toBe(answerText(stream.events(), a));
      expect(answerText(stream.events(), a)).not.toBe("");
    },
  );

  rule("P2.25 steers names the turn to be stopped, and others go on", async ({ client }) => {
    const sid = await client.create();
    const { tid: a, stream } = await client.begin(sid);
    const beside = await client.begin(sid, ENDLESS, { mode: "parallel" });
    const b = await client.send(sid, "echo b");
    const c = await client.send(sid, "echo c", { mode: "steer", steers: beside.tid });
    const end = await stream.untilEnded(beside.tid);
    expect(end.outcome).toBe("stopped");
    const known = answerText(stream.events(), a).length;
    await stream.until("A to go on", () =>
      answerText(stream.events(), a).length > known ? true : undefined,
    );
    await client.stop(sid, a);
    await stream.untilEnded(b);
    const story = turnStory(
      stream.events(),
      new Map([
        [b, "B"],
        [c, "C"],
      ]),
    ).filter((line) => line.startsWith("started"));
    expect(story.slice(-2)).toEqual(["started C", "started B"]);
  });

  rule("P2.25 a steer sent right behind a message stops that one, started or not", async ({ client }) => {
    const sid = await client.create();
    const stream = await client.open(sid);
    for (let count = 0; count < 5; count += 1) {
      const a = await client.send(sid, ENDLESS);
      const c = await client.send(sid, "echo c", { mode: "steer", steers: a });
      expect((await stream.untilEnded(c)).outcome).toBe("complete");
      expect((await stream.untilEnded(a)).outcome).toBe("stopped");
    }
  });

  rule("P2.26 steering what has ended stops nothing and goes next", async ({ client }) => {
    const sid = await client.create();
    const over = await client.play(sid, "echo over");
    const { tid: a, stream } = await client.begin(sid, "count 60 5");
    const b = await client.send(sid, "echo b");
    const c = await client.send(sid, "echo c", { mode: "steer", steers: over });
    await stream.untilEnded(b);
    const story = turnStory(
      stream.events(),
      new Map([
        [over, "O"],
        [a, "A"],
        [b, "B"],
        [c, "C"],
      ]),
    );
    expect(story.filter((line) => /^(started|ended [AO])/.test(line))).toEqual([
      "started O",
      "ended O complete",
      "started A",
      "ended A complete",
      "started C",
      "started B",
    ]);
  });

  rule("P2.27 a parallel turn starts at once beside what runs", async ({ client }) => {
    const sid = await client.create();
    const { tid: a, stream } = await client.begin(sid);
    const waiting = await client.send(sid, "echo queued");
    const b = await client.send(sid, "echo b", { mode: "parallel" });
    await stream.untilEnded(b);
    const story = turnStory(
      stream.events(),
      new Map([
        [a, "A"],
        [b, "B"],
        [waiting, "Q"],
      ]),
    );
    expect(story).toContain("ended B complete");
    expect(story).not.toContain("started Q");
    expect(story.filter((line) => line.startsWith("ended A"))).toEqual([]);
  });

  rule("P2.29 a turn that replaces another leaves it in the log", async ({ client }) => {
    const sid = await client.create();
    const first = await client.play(sid, "echo first");
    const second = await client.play(sid, "echo second", { replaces: first });
    const { turns } = await client.snapshot(sid);
    expect(turns.map((turn) => [turn.id, turn.replaces])).toEqual([
      [first, undefined],
      [second, first],
    ]);
    expect(turns.map((turn) => turn.parts.map((part) => part.text).join(""))).toEqual(["first", "second"]);
  });

  rule("P2.30, PX.10 a turn may go on from the partial answer of a stopped one", async ({ client }) => {
    const sid = await client.create();
    const { tid, stream } = await client.begin(sid, "count 200 5");
    await client.stop(sid, tid);
    await stream.untilEnded(tid);
    const next = await client.play(sid, "", { continues: tid });
    const { events } = await client.log(sid);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "turn-queued", turn: next, continues: tid }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ type: "turn-ended", turn: next, outcome: "complete" }),
    );
    // The demo agent goes on exactly where it was stopped.
    expect(answerText(events, tid) + answerText(events, next)).toBe(countTo(200));
    const empty = { id: newTurnId(), text: "", mode: "queue" };
    expect(
      expectProblem(await client.call("POST", `/sessions/${sid}/turns`, empty), "bad-request").field,
    ).toBe("text");
  });

  rule("P2.31 a queued turn is edited, and what runs is the edited text", async ({ client }) => {
    const sid = await client.create();
    const { tid: a } = await client.begin(sid);
    const b = await client.send(sid, "echo before");
    expect((await client.call("PATCH", `/sessions/${sid}/turns/${b}`, { text: "echo after" })).status).toBe(
      200,
    );
    expect((await client.snapshot(sid)).turns.find((turn) => turn.id === b)).toMatchObject({
      text: "echo after",
      status: "queued",
    });
    await client.stop(sid, a);
    await client.untilEnded(sid, b);
    expect(answerText((await client.log(sid)).events, b)).toBe("after");
  });

  rule("P2.32 a withdrawn turn never runs", async ({ client }) => {
    const sid = await client.create();
    const { tid: a } = await client.begin(sid);
    const b = await client.send(sid, "echo b");
    const c = await client.send(sid, "echo c");
    const answer = await client.call("DELETE", `/sessions/${sid}/turns/${b}`);
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: "" });
    await client.stop(sid, a);
    await client.untilEnded(sid, c);
    const { events, tail } = await client.log(sid);
    expect(turnStory(events, new Map([[b, "B"]])).filter((line) => line.endsWith("B"))).toEqual([
      "queued B",
      "withdrawn B",
    ]);
    expect((await client.snapshot(sid)).turns.map((turn) => turn.id)).toEqual([a, c]);
    const turns = `/sessions/${sid}/turns`;
    const again = { id: b, text: "echo b", mode: "queue" };
    expect((await client.call("POST", turns, again)).status).toBe(200);
    expectProblem(await client.call("POST", turns, { ...again, text: "echo other" }), "turn-conflict");
    expectProblem(await client.call("PATCH", `${turns}/${b}`, { text: "echo late" }), "turn-not-queued");
    expectProblem(await client.call("DELETE", `${turns}/${b}`), "turn-not-queued");
    await client.stop(sid, b);
    expect((await client.log(sid)).tail, "nothing of that is in the log").toBe(tail);
  });

  rule("P2.33 a turn that is not queued any more is neither edited nor withdrawn", async ({ client }) => {
    const sid = await client.create();
    const { tid: running } = await client.begin(sid);
    const over = await client.play(sid, "echo over", { mode: "parallel" });
    for (const tid of [running, over]) {
      expectProblem(
        await client.call("PATCH", `/sessions/${sid}/turns/${tid}`, { text: "late" }),
        "turn-not-queued",
      );
      expectProblem(await client.call("DELETE", `/sessions/${sid}/turns/${tid}`), "turn-not-queued");
    }
    expectProblem(await client.call("DELETE", `/sessions/${sid}/turns/${newTurnId()}`), "turn-not-found");
    const types = (await client.log(sid)).events.map((event) => event.type);
    expect(types).not.toContain("turn-edited");
    expect(types).not.toContain("turn-withdrawn");
  });

  rule(
    "P2.31 an edit that was accepted is what runs, however close to the start it came",
    async ({ client }) => {
      const sid = await client.create();
      await client.begin(sid, "count 20 5");
      const b = await client.send(sid, "echo 0");
      let accepted = 0;
      for (let count = 1; count < 2_000; count += 1) {
        const answer = await client.call("PATCH", `/sessions/${sid}/turns/${b}`, { text: `echo ${count}` });
        if (answer.status !== 200) {
          expectProblem(answer, "turn-not-queued");
          break;
        }
        accepted = count;
      }
      await client.untilEnded(sid, b);
      const { events } = await client.log(sid);
      expect(answerText(events, b)).toBe(String(accepted));
      const types = events.flatMap((event) => ("turn" in event && event.turn === b ? [event.type] : []));
      expect(types.lastIndexOf("turn-edited")).toBeLessThan(types.indexOf("turn-started"));
    },
  );

  rule(
    "P2.32 a withdrawal that was accepted holds, however close to the start it came",
    async ({ client }) => {
      const sid = await client.create();
      const sent = [];
      for (let count = 0; count < 10; count += 1) {
        const tid = await client.send(sid, "echo x", { mode: "parallel" });
        const { status } = await client.call("DELETE", `/sessions/${sid}/turns/${tid}`);
        expect([204, 409]).toContain(status);
        sent.push({ tid, isWithdrawn: status === 204 });
      }
      await client.play(sid, "echo last");
      for (const { tid, isWithdrawn } of sent) if (!isWithdrawn) await client.untilEnded(sid, tid);
      const { events } = await client.log(sid);
      for (const { tid, isWithdrawn } of sent) {
        const story = turnStory(events, new Map([[tid, "T"]])).filter((line) => line.includes("T"));
        expect(story).toEqual(
          isWithdrawn ? ["queued T", "withdrawn T"] : ["queued T", "started T", "ended T complete"],
        );
      }
    },
  );
}
