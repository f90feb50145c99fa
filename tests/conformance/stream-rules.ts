import { expect } from "vitest";
import { countTo } from "./test-agent.ts";
import type { Rule } from "./rule.ts";
import { answerText, expectContiguous, foldTexts, readStream } from "./stream-reading.ts";
import { readFrameJson } from "./wire-frames.ts";

/** Written out, not imported: the suite measures the constant, too. */
const MAX_FRAME_BYTES = 16 * 1024;

export function streamRules(rule: Rule): void {
  rule("P3.1 a stream has the headers that keep proxies from holding it back", async ({ client }) => {
    const sid = await client.create();
    const stream = await client.open(sid, { headers: { "accept-encoding": "gzip, br, deflate, zstd" } });
    expect(stream.response.status).toBe(200);
    expect(stream.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(stream.response.headers.get("cache-control")).toBe("no-store, no-transform");
    expect(stream.response.headers.get("x-accel-buffering")).toBe("no");
    expect(stream.response.headers.get("content-encoding")).toBeNull();
  });

  rule("P3.7, P3.8 retry and hello come first and at once, of an empty log too", async ({ client }) => {
    const health = (await client.call("GET", "/health")).json() as { protocol: string; version: string };
    const sid = await client.create();
    for (const prompt of [undefined, "echo hello"]) {
      if (prompt !== undefined) await client.play(sid, prompt);
      const { epoch, tail } = await client.log(sid);
      const stream = await client.open(sid);
      await stream.untilControl("hello");
      const [retry, hello] = stream.received();
      expect(retry).toEqual({ kind: "retry", retryMs: 1_000 });
      expect(hello).toEqual({
        kind: "control",
        frame: {
          name: "hello",
          protocol: health.protocol,
          session: sid,
          epoch,
          tail,
          heartbeatMs: client.target.heartbeatMs,
          version: health.version,
        },
      });
      await stream.untilControl("caught-up");
      expect(stream.controls().filter((frame) => frame.name === "hello")).toHaveLength(1);
    }
  });

  rule(
    "P3.9, P3.11, P3.12 log frames have an id, control frames a name, and nothing has both or neither",
    async ({ client }) => {
      const sid = await client.create();
      const stream = await client.open(sid);
      for (const prompt of ["tools", "plan", "think 2", "fail"]) {
        await stream.untilEnded(await client.send(sid, prompt));
      }
      await stream.untilControl("ping");
      const late = await client.open(sid);
      await late.untilControl("caught-up");
      for (const reading of [stream, late]) {
        // `received` throws on every block that breaks one of these rules.
        expect(reading.received().length).toBeGreaterThan(3);
        const named = reading.blocks.filter((block) => block.event !== undefined);
        expect(named.filter((block) => block.id !== undefined)).toEqual([]);
        const ids = reading.blocks.filter((block) => block.id !== undefined);
        expect(ids.length).toBe(reading.frames().length);
      }
      expect(late.frames().at(-1)?.seq).toBe(stream.frames().at(-1)?.seq);
    },
  );

  rule(
    "P3.10 caught-up comes once, after everything up to its tail, and live events follow",
    async ({ client }) => {
      const sid = await client.create();
      await client.play(sid, "count 30 1");
      const stream = await client.open(sid);
      const { tail } = await stream.untilControl("caught-up");
      const order = stream.received();
      const at = order.findIndex((item) => item.kind === "control" && item.frame.name === "caught-up");
      const before = order.slice(0, at).flatMap((item) => (item.kind === "log" ? [item.frame] : []));
      expect(before.at(-1)?.seq).toBe(tail);
      await stream.untilEnded(await client.send(sid, "count 30 5"));
      await stream.untilControl("ping");
      expect(stream.controls().filter((frame) => frame.name === "caught-up")).toHaveLength(1);
      expectContiguous(stream.frames(), 0);
    },
  );

  rule("P3.10 caught-up comes of an empty log, and of a running turn, too", async ({ client }) => {
    const empty = await client.open(await client.create());
    expect(await empty.untilControl("caught-up")).toEqual({ name: "caught-up", tail: 0 });
    const sid = await client.create();
    await client.begin(sid, "count 20000 1");
    const busy = await client.open(sid);
    await busy.untilControl("caught-up");
  });

  rule(
    "P3.13, P3.16 live or caught up, merged or not, every seq comes once and the texts are the same",
    async ({ client }) => {
      const sid = await client.create();
      const live = await client.open(sid);
      const first = await client.send(sid, "count 200 2");
      const second = await client.send(sid, "tools", { mode: "parallel" });
      const third = await client.send(sid, "think 3", { mode: "parallel" });
      for (const tid of [first, second, third]) await live.untilEnded(tid);
      const late = await client.open(sid);
      await late.untilControl("caught-up");
      const paged = await client.log(sid, 7);
      expectContiguous(live.frames(), 0);
      expectContiguous(late.frames(), 0);
      expectContiguous(paged.frames, 0);
      expect(late.frames().at(-1)?.seq).toBe(live.frames().at(-1)?.seq);
      for (const tid of [first, second, third]) {
        const texts = foldTexts(live.events(), tid);
        expect(foldTexts(late.events(), tid)).toEqual(texts);
        expect(foldTexts(paged.events, tid)).toEqual(texts);
      }
      expect(answerText(late.events(), first)).toBe(countTo(200));
    },
  );

  rule("P3.14 a frame holds at most 16 KiB", async ({ client }) => {
    const sid = await client.create();
    const live = await client.open(sid);
    await live.untilEnded(await client.send(sid, "long 48"));
    await live.untilEnded(await client.send(sid, "echo 👩‍👩‍👧‍👦".repeat(2)));
    const late = await client.open(sid);
    await late.untilControl("caught-up");
    for (const reading of [live, late]) {
      for (const item of reading.received()) {
        if (item.kind !== "log" || item.frame.events.length === 1) continue;
        expect(item.bytes, `frame ${item.frame.from}..${item.frame.seq}`).toBeLessThanOrEqual(
          MAX_FRAME_BYTES,
        );
      }
    }
    for (const frame of (await client.log(sid)).frames) {
      if (frame.events.length > 1) expect(JSON.stringify(frame).length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    }
  });

  rule("P3.15 live frames are not held back", async ({ client }) => {
    const sid = await client.create();
    const { tid, stream } = await client.begin(sid, "count 100 5");
    await stream.untilEnded(tid);
    const ages: number[] = [];
    for (const [index, block] of stream.blocks.entries()) {
      if (block.id === undefined) continue;
      const [first] = readFrameJson(block.data ?? "").events;
      if (first !== undefined) ages.push((stream.arrivedAtMs[index] ?? 0) - first.at);
    }
    // The youngest of many: a busy machine delays some, a server that gathers events for longer delays all.
    // Both run on one machine, so their clocks are one.
    expect(Math.min(...ages)).toBeLessThanOrEqual(50);
    expect(ages.length).toBeGreaterThan(5);
  });

  rule("P3.17 a client that was away gets a long answer in a few frames", async ({ client }) => {
    const sid = await client.create();
    const tid = await client.play(sid, "count 1500 0");
    const late = await client.open(sid);
    await late.untilControl("caught-up");
    expect(answerText(late.events(), tid)).toBe(countTo(1_500));
    expect(late.frames().at(-1)?.seq).toBeGreaterThan(1_000);
    expect(late.frames().length).toBeLessThan(20);
    expect(late.byteCount()).toBeLessThan(countTo(1_500).length * 2 + 4_096);
  });

  rule(
    "P3.18 a cursor anywhere in an ended turn's log is continued or answered with resync",
    async ({ client }) => {
      const sid = await client.create();
      const live = await client.open(sid);
      const tid = await client.send(sid, "count 40 1");
      await live.untilEnded(tid);
      const whole = countTo(40);
      const tail = live.frames().at(-1)?.seq ?? 0;
      const { epoch } = await client.log(sid);
      const heartbeats = Math.ceil(2_000 / client.target.heartbeatMs);
      const pings = live.controls().filter((frame) => frame.name === "ping").length;
      // Long enough for a server that merges the logs of idle sessions to have done it.
      if (client.target.heartbeatMs <= 1_000) await live.untilControl("ping", pings + heartbeats);
      for (let seq = 0; seq <= tail; seq += 1) {
        const stream = await client.open(sid, { after: `${epoch}.${seq}` });
        await stream.until("caught-up or resync", () =>
          stream.controls().find((frame) => frame.name === "caught-up" || frame.name === "resync"),
        );
        const frames = stream.frames();
        if (stream.controls().some((frame) => frame.name === "resync")) {
          expect(stream.controls().at(-1)).toEqual({ name: "resync", reason: "trimmed" });
        } else if (seq < tail) {
          expect(frames[0]?.from).toBeLessThanOrEqual(seq + 1);
          expect(frames[0]?.seq).toBeGreaterThan(seq);
          expectContiguous(frames.slice(1), frames[0]?.seq ?? 0);
          expect(frames.at(-1)?.seq).toBe(tail);
          for (const event of stream.events()) {
            if (event.type === "text-delta") expect(whole.startsWith(event.delta, event.offset)).toBe(true);
          }
        }
        await stream.close();
      }
    },
  );

  rule(
    "P3.20 a ping with the tail comes every heartbeatMs, as an event and not as a comment",
    async ({ client }) => {
      const sid = await client.create();
      const tid = await client.play(sid, "echo hello");
      const stream = await client.open(sid);
      const { tail } = await stream.untilControl("ping", 2);
      const times = stream.blocks.flatMap((block, index) =>
        block.event === "hello" || block.event === "ping" ? [stream.arrivedAtMs[index] ?? 0] : [],
      );
      // The shortest of them: a busy machine draws some out, a server that is slow about it all.
      const gapsMs = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
      expect(Math.min(...gapsMs), "ms between two pings").toBeLessThan(1.5 * client.target.heartbeatMs + 500);
      expect(tail).toBe((await client.log(sid)).tail);
      expect(stream.events()).toContainEqual(expect.objectContaining({ type: "turn-ended", turn: tid }));
      expect(stream.blocks.flatMap((block) => block.comments)).toEqual([]);
    },
  );

  rule("P3.20 pings come while a turn speaks, too", async ({ client }) => {
    const sid = await client.create();
    const { stream } = await client.begin(sid, "count 20000 2");
    await stream.untilControl("ping", 2);
  });

  rule("P3.24 no event is lost or doubled at the hand-over, whenever a reader comes", async ({ client }) => {
    const sid = await client.create();
    const first = await client.open(sid);
    const tids = [];
    for (const mode of ["queue", "parallel", "parallel"] as const)
      tids.push(await client.send(sid, "count 400 1", { mode }));
    const { epoch } = await first.untilControl("hello");
    const readings = [{ reading: first, after: 0 }];
    for (let count = 1; count <= 24; count += 1) {
      await first.untilSeq(count * 20);
      const after = count % 2 === 0 ? 0 : (first.frames().at(-1)?.seq ?? 0);
      readings.push({ reading: await client.open(sid, { after: `${epoch}.${after}` }), after });
    }
    for (const tid of tids) await first.untilEnded(tid);
    const tail = first.frames().at(-1)?.seq ?? 0;
    for (const { reading, after } of readings) {
      await reading.untilSeq(tail);
      expectContiguous(reading.frames(), after);
      expect(reading.controls().filter((frame) => frame.name === "caught-up")).toHaveLength(1);
      if (after > 0) continue;
      for (const tid of tids) expect(answerText(reading.events(), tid)).toBe(countTo(400));
    }
  });

  rule("P3.29 the framing is the same for every message, whatever is in it", async ({ client }) => {
    const sid = await client.create();
    await client.play(sid, "echo \ufefffirst\r\nsecond");
    const stream = await client.open(sid);
    await stream.untilControl("caught-up");
    await stream.untilEnded(await client.send(sid, "tools"));
    // The reader throws on a CR, an unknown or repeated field, a missing space and a byte order mark.
    expect(stream.blocks.length).toBeGreaterThan(5);
    for (const { event, id, data, retryMs, comments } of stream.blocks) {
      const isControl = event !== undefined && id === undefined && data !== undefined;
      const isLog = event === undefined && id !== undefined && data !== undefined;
      expect({
        event,
        id,
        data,
        ok: isControl || isLog || retryMs !== undefined || comments.length > 0,
      }).toMatchObject({
        ok: true,
      });
    }
  });

  rule(
    "P3.28 every character survives the round trip, in the log, the stream and the snapshot",
    async ({ client }) => {
      const sid = await client.create();
      const strange =
        'a\rb\nc\r\n\r\nd\0e\u2028f\u2029g\ud83dh\ude00i\ufeffj\u0085k\ndata: {}\n\nevent: bye\n\n👩‍👩‍👧‍👦 <&>"\\';
      const live = await client.open(sid);
      const tid = await client.send(sid, `echo ${strange}`);
      await live.untilEnded(tid);
      const late = await client.open(sid);
      await late.untilControl("caught-up");
      const log = await client.log(sid);
      for (const events of [live.events(), late.events(), log.events]) {
        expect(events.find((event) => event.type === "turn-queued")).toMatchObject({
          text: `echo ${strange}`,
        });
        expect(answerText(events, tid)).toBe(answerText(log.events, tid));
      }
      expect(answerText(log.events, tid)).toContain("\ud83dh\ude00i");
      const turn = (await client.snapshot(sid)).turns[0];
      expect(turn?.text).toBe(`echo ${strange}`);
      expect(turn?.parts.map((part) => part.text).join("")).toBe(answerText(log.events, tid));
    },
  );

  rule(
    "P3.26 a reader that stalls gets everything when it reads on, and holds nobody up meanwhile",
    async ({ client }) => {
      const { target } = client;
      const sid = await client.create();
      // Not `open`: that one reads at once.
      const stalled = await target.fetch(new Request(`${target.baseUrl}/api/sessions/${sid}/stream`));
      const live = await client.open(sid);
      const tid = await client.send(sid, "count 30000 0");
      await live.untilEnded(tid);
      const late = readStream(stalled, target);
      await late.untilEnded(tid);
      await late.close();
      for (const reading of [live, late]) {
        expectContiguous(reading.frames(), 0);
        expect(answerText(reading.events(), tid)).toBe(countTo(30_000));
      }
    },
  );

  rule("P3.10 a hundred readers of one session all get everything", async ({ client }) => {
    const sid = await client.create();
    const readings = await Promise.all(Array.from({ length: 100 }, () => client.open(sid)));
    const tid = await client.send(sid, "count 40 5");
    for (const reading of readings) {
      await reading.untilEnded(tid);
      expectContiguous(reading.frames(), 0);
      expect(answerText(reading.events(), tid)).toBe(countTo(40));
    }
  });
}
