import { expect } from "vitest";
import { countTo } from "./test-agent.ts";
import type { Rule } from "./rule.ts";
import { answerText, foldTexts } from "./stream-reading.ts";

const FAMILY = "👩‍👩‍👧‍👦";

export function eventRules(rule: Rule): void {
  rule("P4.1 every event has its time, and its turn where it belongs to one", async ({ client }) => {
    const sid = await client.create();
    const beganAt = Date.now();
    for (const prompt of ["tools", "plan", "think 2", "fail"]) await client.play(sid, prompt);
    await client.call("PATCH", `/sessions/${sid}`, { title: "Named" });
    const { events } = await client.log(sid);
    const turns = new Set(events.flatMap((event) => (event.type === "turn-queued" ? [event.turn] : [])));
    for (const event of events) {
      // A minute on either side: the server's clock need not be this one.
      expect(Math.abs(event.at - beganAt)).toBeLessThan(60_000);
      if (event.type === "session-updated") expect("turn" in event).toBe(false);
      else expect(turns).toContain(event.turn);
    }
  });

  rule("P4.2 turn-queued holds the message as it was sent", async ({ client }) => {
    const sid = await client.create();
    const { agent } = client.target;
    const attachments = [{ name: "notes.txt", mediaType: "text/plain", data: "aGVsbG8=" }];
    const tid = await client.play(sid, "echo hello", { mode: "parallel", agent, attachments });
    const { events } = await client.log(sid);
    expect(events.find((event) => event.type === "turn-queued")).toEqual({
      type: "turn-queued",
      at: expect.any(Number),
      turn: tid,
      text: "echo hello",
      mode: "parallel",
      agent,
      attachments,
    });
    expect((await client.snapshot(sid)).turns[0]).toMatchObject({ text: "echo hello", attachments });
  });

  rule("P4.3 an edit and a withdrawal are events of a queued turn", async ({ client }) => {
    const sid = await client.create();
    const { tid, stream } = await client.begin(sid);
    const b = await client.send(sid, "echo b");
    const c = await client.send(sid, "echo c");
    await client.call("PATCH", `/sessions/${sid}/turns/${b}`, { text: "echo bb" });
    await client.call("DELETE", `/sessions/${sid}/turns/${c}`);
    await client.stop(sid, tid);
    await stream.untilEnded(b);
    const ofTurn = (turn: string): string[] =>
      stream
        .events()
        .flatMap((event) =>
          "turn" in event && event.turn === turn && !("delta" in event) ? [event.type] : [],
        );
    expect(ofTurn(b)).toEqual(["turn-queued", "turn-edited", "turn-started", "turn-ended"]);
    expect(ofTurn(c)).toEqual(["turn-queued", "turn-withdrawn"]);
    expect(stream.events()).toContainEqual(
      expect.objectContaining({ type: "turn-edited", turn: b, text: "echo bb" }),
    );
  });

  rule(
    "P4.4 turn-started comes once, before anything the agent says, and names the agent",
    async ({ client }) => {
      const sid = await client.create();
      const tid = await client.play(sid, "think 2");
      const { events } = await client.log(sid);
      const types = events.flatMap((event) => ("turn" in event && event.turn === tid ? [event.type] : []));
      expect(types.slice(0, 2)).toEqual(["turn-queued", "turn-started"]);
      expect(types.filter((type) => type === "turn-started")).toHaveLength(1);
      expect(events).toContainEqual(
        expect.objectContaining({ type: "turn-started", turn: tid, agent: client.target.agent }),
      );
    },
  );

  rule("P4.5 deltas name their part and their offset in UTF-16 code units", async ({ client }) => {
    const sid = await client.create();
    const text = `${FAMILY} one ${FAMILY}${FAMILY} two 🇩🇪 three e\u0301 🏽`;
    const live = await client.open(sid);
    const tid = await client.send(sid, `echo ${text}`);
    await live.untilEnded(tid);
    // `foldTexts` asks of every delta that its offset is its buffer's length.
    expect([...foldTexts(live.events(), tid).values()].join("")).toBe(text);
    const thought = await client.send(sid, "think 3");
    await live.untilEnded(thought);
    const kinds = [...foldTexts(live.events(), thought).keys()].map((key) => key.split(" ")[0]);
    expect(new Set(kinds)).toEqual(new Set(["reasoning-delta", "text-delta"]));
  });

  rule("P4.6 a tool starts, speaks and ends, in that order", async ({ client }) => {
    const sid = await client.create();
    const tid = await client.play(sid, "tools");
    const { events } = await client.log(sid);
    const tools = events.flatMap((event) => (event.type === "tool-started" ? [event] : []));
    expect(tools.length).toBeGreaterThan(0);
    for (const tool of tools) {
      expect(tool).toMatchObject({ turn: tid, name: expect.stringMatching(/./) });
      const types = events.flatMap((event) =>
        "part" in event && event.part === tool.part ? [event.type] : [],
      );
      expect(types[0]).toBe("tool-started");
      expect(types.at(-1)).toBe("tool-ended");
      expect(types.slice(1, -1).every((type) => type === "tool-delta")).toBe(true);
    }
    const { turns } = await client.snapshot(sid);
    const parts = turns[0]?.parts.filter((part) => part.type === "tool") ?? [];
    expect(parts.map((part) => [part.id, part.name])).toEqual(tools.map((tool) => [tool.part, tool.name]));
    for (const part of parts) expect(["complete", "failed", "denied"]).toContain(part.status);
  });

  rule("P4.7 a plan is replaced whole, and its versions are kept", async ({ client }) => {
    const sid = await client.create();
    const tid = await client.play(sid, "plan");
    const { events } = await client.log(sid);
    const versions = events.flatMap((event) =>
      event.type === "plan-updated" && event.turn === tid ? [event] : [],
    );
    expect(versions.length).toBeGreaterThan(1);
    expect(versions.at(-1)?.entries.every((entry) => entry.status === "done")).toBe(true);
    const turn = (await client.snapshot(sid)).turns[0];
    expect(turn?.plan).toEqual(versions.at(-1)?.entries);
    expect(turn?.plans).toEqual(versions.map(({ at, entries }) => ({ at, entries })));
  });

  rule("P4.10 a turn ends exactly once however it ends, and nothing of it follows", async ({ client }) => {
    const sid = await client.create();
    const complete = await client.play(sid, "echo complete");
    const failed = await client.play(sid, "fail");
    const { tid: stopped, stream } = await client.begin(sid);
    const neverRan = await client.send(sid, "echo queued");
    const withdrawn = await client.send(sid, "echo withdrawn");
    await client.call("DELETE", `/sessions/${sid}/turns/${withdrawn}`);
    await client.stop(sid, neverRan);
    await client.stop(sid, stopped);
    await stream.untilEnded(stopped);
    const { events } = await client.log(sid);
    const outcomes = [
      [complete, "complete"],
      [failed, "failed"],
      [stopped, "stopped"],
      [neverRan, "stopped"],
    ] as const;
    for (const [turn, outcome] of outcomes) {
      const own = events.filter((event) => "turn" in event && event.turn === turn);
      expect(own.filter((event) => event.type === "turn-ended")).toHaveLength(1);
      expect(own.at(-1)).toMatchObject({ type: "turn-ended", outcome });
    }
    const failure = events.find((event) => event.type === "turn-ended" && event.turn === failed);
    expect(failure).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
    const own = events.flatMap((event) => ("turn" in event && event.turn === withdrawn ? [event.type] : []));
    expect(own).toEqual(["turn-queued", "turn-withdrawn"]);
  });

  rule(
    "P4.10 turn-ended reaches a reader who comes between the last word and the end, and one who comes after",
    async ({ client }) => {
      const sid = await client.create();
      const { tid, stream } = await client.begin(sid, "count 50 3");
      const late = [];
      for (let count = 0; count < 12; count += 1) late.push(await client.open(sid));
      await stream.untilEnded(tid);
      late.push(await client.open(sid));
      for (const reading of late) {
        await reading.untilEnded(tid);
        expect(answerText(reading.events(), tid)).toBe(countTo(50));
      }
    },
  );

  rule(
    "P4.11 a session's changes are events, and a new agent counts for later turns only",
    async ({ client }) => {
      const sid = await client.create();
      const { tid, stream } = await client.begin(sid, "count 60 5");
      for (const change of [{ title: "Renamed" }, { pinned: true }, { archived: true }]) {
        expect((await client.call("PATCH", `/sessions/${sid}`, change)).status).toBe(200);
        await stream.untilEvent(
          JSON.stringify(change),
          (event) =>
            event.type === "session-updated" &&
            Object.entries(change).every(([key, value]) => Reflect.get(event, key) === value),
        );
      }
      // An agent that there is not: refused now, or a later turn fails in words. The running one goes on either way.
      const other = await client.call("PATCH", `/sessions/${sid}`, { agent: "nobody/nothing" });
      expect((await stream.untilEnded(tid)).outcome).toBe("complete");
      expect(answerText(stream.events(), tid)).toBe(countTo(60));
      expect(await client.row(sid)).toMatchObject({ title: "Renamed", pinned: true, archived: true });
      if (other.status === 400) return;
      expect(other.status).toBe(200);
      expect(stream.events()).toContainEqual(
        expect.objectContaining({ type: "session-updated", agent: "nobody/nothing" }),
      );
      const later = await client.send(sid, "echo later");
      expect(await stream.untilEnded(later)).toMatchObject({
        outcome: "failed",
        error: { message: expect.any(String) },
      });
    },
  );

  rule("P4.11 a change to what is so already is no event, and neither is creating", async ({ client }) => {
    const sid = await client.create("Named");
    expect((await client.log(sid)).tail).toBe(0);
    for (const change of [
      { pinned: true },
      { pinned: true },
      { title: "Named" },
      { pinned: true, title: "New" },
    ]) {
      expect((await client.call("PATCH", `/sessions/${sid}`, change)).status).toBe(200);
    }
    const at = expect.any(Number);
    expect((await client.log(sid)).events).toEqual([
      { type: "session-updated", at, pinned: true },
      { type: "session-updated", at, title: "New" },
    ]);
  });

  rule("P4.17 a stopped turn never grows again, in no log, no stream and no snapshot", async ({ client }) => {
    const sid = await client.create();
    const { tid, stream } = await client.begin(sid, "count 20000 1");
    await client.stop(sid, tid);
    await stream.untilEnded(tid);
    const text = answerText(stream.events(), tid);
    const seen = stream.events().length;
    // A second in which the agent speaks elsewhere, and then here.
    await client.play(await client.create(), "count 100 10");
    await client.play(sid, "count 30 5");
    await client.stop(sid, tid);
    await client.play(sid, "count 30 5");
    expect(
      stream
        .events()
        .slice(seen)
        .some((event) => "turn" in event && event.turn === tid),
    ).toBe(false);
    const turn = (await client.snapshot(sid)).turns.find((other) => other.id === tid);
    expect(turn?.parts.map((part) => part.text).join("")).toBe(text);
    expect(turn?.outcome).toBe("stopped");
    expect(answerText((await client.log(sid)).events, tid)).toBe(text);
  });
}
