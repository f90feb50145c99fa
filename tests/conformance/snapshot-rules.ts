import { expect } from "vitest";
import { expectProblem, newSessionId, newTurnId } from "./client.ts";
import { logOfTwelve } from "./log-of-twelve.ts";
import type { Rule } from "./rule.ts";
import { eventsPage } from "./wire-answers.ts";
import { readFrame } from "./wire-frames.ts";
import { readAs } from "./wire-values.ts";
import { answerText, expectContiguous, foldTexts } from "./stream-reading.ts";

export function snapshotRules(rule: Rule): void {
  rule("P2.14 a snapshot is the log up to exactly its cursor", async ({ client }) => {
    const sid = await client.create();
    const { tid, stream } = await client.begin(sid, "count 5000 2");
    const moments = [];
    for (let count = 0; count < 8; count += 1) {
      const snapshot = await client.snapshot(sid);
      const text = snapshot.turns[0]?.parts.find((part) => part.type === "text")?.text ?? "";
      const reading = await client.open(sid, { after: `${snapshot.cursor.epoch}.${snapshot.cursor.seq}` });
      await reading.untilEvent("the words after it", (event) => event.type === "text-delta");
      moments.push({ text, reading, seq: snapshot.cursor.seq });
    }
    await client.stop(sid, tid);
    await stream.untilEnded(tid);
    const whole = answerText(stream.events(), tid);
    for (const { text, reading, seq } of moments) {
      await reading.untilEnded(tid);
      expectContiguous(reading.frames(), seq);
      const deltas = reading.events().filter((event) => event.type === "text-delta");
      expect(deltas[0]?.offset, "the stream goes on where the snapshot ends").toBe(text.length);
      expect(text + deltas.map((event) => event.delta).join("")).toBe(whole);
    }
  });

  rule("P2.15 turns=N asks for the newest N, and unfinished ones are always there", async ({ client }) => {
    const sid = await client.create();
    const endless = await client.begin(sid);
    const played = [];
    for (const text of ["echo a", "echo b", "echo c"])
      played.push(await client.play(sid, text, { mode: "parallel" }));
    const two = await client.snapshot(sid, "?turns=2");
    expect(two.turns.map((turn) => turn.id)).toEqual(
      expect.arrayContaining([endless.tid, ...played.slice(1)]),
    );
    expect(two.turns.find((turn) => turn.id === endless.tid)?.status).toBe("running");
    const all = await client.snapshot(sid, "?turns=10");
    expect(all.turns.map((turn) => turn.id)).toEqual([endless.tid, ...played]);
    expect(all.hasMore).toBe(false);
    await client.stop(sid, endless.tid);
    await endless.stream.untilEnded(endless.tid);
    const last = await client.snapshot(sid, "?turns=2");
    expect(last.turns.map((turn) => turn.id)).toEqual(played.slice(1));
    expect(last.hasMore).toBe(true);
  });

  rule("P2.16 before=TURN pages towards the beginning", async ({ client }) => {
    const sid = await client.create();
    const played = [];
    for (const text of ["echo a", "echo b", "echo c", "echo d", "echo e"])
      played.push(await client.play(sid, text));
    const paged: string[] = [];
    let query = "?turns=2";
    for (let page = 0; page < 5; page += 1) {
      const snapshot = await client.snapshot(sid, query);
      const ids = snapshot.turns.map((turn) => turn.id);
      expect(ids.length).toBeLessThanOrEqual(2);
      paged.unshift(...ids);
      if (!snapshot.hasMore) break;
      query = `?turns=2&before=${ids[0] ?? ""}`;
    }
    expect(paged).toEqual(played);
    const whole = await client.snapshot(sid);
    expect(whole.turns.map((turn) => turn.id)).toEqual(played);
    expect(whole.turns.map((turn) => turn.parts.map((part) => part.text).join(""))).toEqual([
      "a",
      "b",
      "c",
      "d",
      "e",
    ]);
    expectProblem(await client.call("GET", `/sessions/${sid}?before=${newTurnId()}`), "turn-not-found");
  });

  rule("P2.17 a snapshot answers 304 until the log moves; an unknown session is 404", async ({ client }) => {
    const sid = await client.create();
    await client.play(sid, "echo one");
    const first = await client.call("GET", `/sessions/${sid}`);
    const tag = first.headers.get("etag") ?? "";
    expect(tag).not.toBe("");
    const second = await client.call("GET", `/sessions/${sid}`, undefined, { "if-none-match": tag });
    expect({ status: second.status, text: second.text }).toEqual({ status: 304, text: "" });
    await client.play(sid, "echo two");
    const third = await client.call("GET", `/sessions/${sid}`, undefined, { "if-none-match": tag });
    expect(third.status).toBe(200);
    expectProblem(await client.call("GET", `/sessions/${newSessionId()}`), "session-not-found");
    expectProblem(await client.call("GET", `/sessions/${newSessionId()}/events`), "session-not-found");
  });

  rule(
    "P2.18, P4.19 a snapshot's parts are the log's, in the order in which they began",
    async ({ client }) => {
      const sid = await client.create();
      for (const prompt of ["tools", "think 3", "plan"]) {
        const tid = await client.play(sid, prompt);
        const { events } = await client.log(sid);
        const began = new Set(
          events.flatMap((event) =>
            "part" in event && event.turn === tid && event.type !== "approval-requested" ? [event.part] : [],
          ),
        );
        const turn = (await client.snapshot(sid)).turns.find((other) => other.id === tid);
        expect(turn?.parts.map((part) => part.id)).toEqual([...began]);
        expect(turn).toMatchObject({
          text: prompt,
          agent: client.target.agent,
          status: "ended",
          outcome: "complete",
        });
        const texts = foldTexts(events, tid);
        for (const part of turn?.parts ?? []) {
          expect(part.text ?? "").toBe(texts.get(`${part.type}-delta ${part.id}`) ?? "");
        }
        const end = events.find((event) => event.type === "turn-ended" && event.turn === tid);
        expect(turn?.endedAt).toBe(end?.at);
      }
    },
  );

  rule(
    "P2.48 turns stand in the order in which they start, the waiting ones behind them",
    async ({ client }) => {
      const sid = await client.create();
      const order = async (): Promise<string[]> => (await client.snapshot(sid)).turns.map((turn) => turn.id);
      const { tid: a, stream } = await client.begin(sid);
      const b = await client.send(sid, "echo b");
      const c = await client.send(sid, "echo c");
      const gone = await client.send(sid, "echo gone");
      expect(await order()).toEqual([a, b, c, gone]);
      const beside = await client.play(sid, "echo beside", { mode: "parallel" });
      expect((await client.call("DELETE", `/sessions/${sid}/turns/${gone}`)).status).toBe(204);
      expect(await order()).toEqual([a, beside, b, c]);
      // Stopped while it waits, it never starts, so it stays where it stands.
      await client.stop(sid, b);
      const steering = await client.send(sid, "echo steering", { mode: "steer", steers: a });
      await stream.untilEnded(c);
      expect(await order()).toEqual([a, beside, b, steering, c]);
    },
  );

  rule("P2.19 the log is read in pages that together are the whole of it", async ({ client }) => {
    const sid = await client.create();
    await client.play(sid, "count 40 1");
    const whole = await client.log(sid);
    const paged = await client.log(sid, 3);
    expectContiguous(whole.frames, 0);
    expectContiguous(paged.frames, 0);
    expect(paged.tail).toBe(whole.tail);
    const tids = whole.events.flatMap((event) => (event.type === "turn-queued" ? [event.turn] : []));
    for (const tid of tids) expect(answerText(paged.events, tid)).toBe(answerText(whole.events, tid));
    const rest = await client.call("GET", `/sessions/${sid}/events?after=${whole.epoch}.${whole.tail}`);
    expect(rest.json()).toEqual({ frames: [], cursor: `${whole.epoch}.${whole.tail}`, hasMore: false });
  });

  rule(
    "P2.19 a page holds as many events as it was asked for, and says where to go on",
    async ({ client }) => {
      const { sid, epoch, tail } = await logOfTwelve(client);
      let seq = 0;
      for (let count = 1; count <= 4; count += 1) {
        const answer = await client.call("GET", `/sessions/${sid}/events?after=${epoch}.${seq}&limit=3`);
        const page = readAs("P2.19", eventsPage, answer.json());
        const frames = page.frames.map(readFrame);
        expectContiguous(frames, seq);
        seq += 3;
        expect({ cursor: page.cursor, last: frames.at(-1)?.seq, hasMore: page.hasMore }, "limit=3").toEqual({
          cursor: `${epoch}.${seq}`,
          last: seq,
          hasMore: seq < tail,
        });
      }
    },
  );

  rule("P2.20 a cursor that can't be continued is refused by /events", async ({ client }) => {
    const sid = await client.create();
    await client.play(sid, "echo one");
    const { epoch, tail } = await client.log(sid);
    for (const after of ["nonsense", `${epoch}.`, `${epoch}.-1`, `zzzz.1`, `${epoch}.${tail + 1}`]) {
      expectProblem(await client.call("GET", `/sessions/${sid}/events?after=${after}`), "bad-cursor");
    }
  });
}
