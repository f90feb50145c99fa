import { expect } from "vitest";
import { newSessionId } from "./client.ts";
import { logOfTwelve } from "./log-of-twelve.ts";
import type { Rule } from "./rule.ts";
import { expectContiguous } from "./stream-reading.ts";

export function streamStartRules(rule: Rule): void {
  rule("P3.2 the larger of Last-Event-ID and ?after= counts within one epoch", async ({ client }) => {
    const { sid, epoch, tail } = await logOfTwelve(client);
    const cases = [
      { after: 3, lastEventId: 7, begins: 8 },
      { after: 7, lastEventId: 3, begins: 8 },
      { after: 5, lastEventId: 5, begins: 6 },
      { after: 0, lastEventId: 11, begins: 12 },
      { after: 11, lastEventId: 0, begins: 12 },
    ];
    for (const { after, lastEventId, begins } of cases) {
      const stream = await client.open(sid, {
        after: `${epoch}.${after}`,
        lastEventId: `${epoch}.${lastEventId}`,
      });
      expect(await stream.untilControl("caught-up")).toEqual({ name: "caught-up", tail });
      expectContiguous(stream.frames(), begins - 1);
      expect(stream.frames().at(-1)?.seq).toBe(tail);
    }
  });

  rule("P3.3 of two epochs the header's counts", async ({ client }) => {
    const { sid, epoch, tail } = await logOfTwelve(client);
    const stale = await client.open(sid, { after: "zzzz.3", lastEventId: `${epoch}.7` });
    await stale.untilControl("caught-up");
    expectContiguous(stale.frames(), 7);
    expect(stale.frames().at(-1)?.seq).toBe(tail);
    const other = await client.open(sid, { after: `${epoch}.7`, lastEventId: "zzzz.3" });
    expect(await other.untilControl("resync")).toEqual({ name: "resync", reason: "epoch" });
  });

  rule(
    "P3.4 the only one given counts, and with neither the stream begins at the beginning",
    async ({ client }) => {
      const { sid, epoch, tail } = await logOfTwelve(client);
      const cases = [
        { start: { after: `${epoch}.4` }, begins: 5 },
        { start: { lastEventId: `${epoch}.9` }, begins: 10 },
        { start: {}, begins: 1 },
        { start: { after: `${epoch}.0` }, begins: 1 },
        { start: { after: `${epoch}.${tail}` }, begins: tail + 1 },
      ];
      for (const { start, begins } of cases) {
        const stream = await client.open(sid, start);
        await stream.untilControl("caught-up");
        expectContiguous(stream.frames(), begins - 1);
        expect(stream.frames().at(-1)?.seq ?? tail).toBe(tail);
      }
    },
  );

  rule("P3.5 a refusal is a 200 with one bye and the end", async ({ client }) => {
    for (const sid of [newSessionId(), "not-an-id"]) {
      const stream = await client.open(sid);
      expect(stream.response.status).toBe(200);
      expect(stream.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
      await stream.untilEnd();
      expect(stream.controls()).toEqual([{ name: "bye", reason: "not-found" }]);
      expect(stream.frames()).toEqual([]);
    }
  });

  rule("P3.21 a cursor that can't be continued is answered with resync and why", async ({ client }) => {
    const { sid, epoch, tail } = await logOfTwelve(client);
    const cases = [
      ["zzzz.3", "epoch"],
      ["zzzz.0", "epoch"],
      [`${epoch}.${tail + 1}`, "ahead"],
      [`${epoch}.9007199254740991`, "ahead"],
      ["nonsense", "malformed"],
      [`${epoch}.`, "malformed"],
      [`${epoch}.-1`, "malformed"],
      [`${epoch}.01`, "malformed"],
      [`${epoch}.9007199254740993`, "malformed"],
    ] as const;
    for (const [cursor, reason] of cases) {
      for (const start of [{ after: cursor }, { lastEventId: cursor }]) {
        const stream = await client.open(sid, start);
        expect({ cursor, ...(await stream.untilControl("resync")) }).toEqual({
          cursor,
          name: "resync",
          reason,
        });
        await stream.close();
      }
    }
    for (const [after, lastEventId] of [
      ["nonsense", `${epoch}.3`],
      [`${epoch}.3`, "nonsense"],
    ] as const) {
      const stream = await client.open(sid, { after, lastEventId });
      expect(await stream.untilControl("resync")).toEqual({ name: "resync", reason: "malformed" });
    }
  });

  rule("P3.22 nothing follows a resync", async ({ client }) => {
    const { sid, tail, epoch } = await logOfTwelve(client);
    const broken = await client.open(sid, { after: "zzzz.3" });
    await broken.untilControl("resync");
    const healthy = await client.open(sid, { after: `${epoch}.${tail}` });
    await client.call("PATCH", `/sessions/${sid}`, { title: "news" });
    await healthy.untilEvent("the news", (event) => event.type === "session-updated");
    await healthy.untilControl("ping", 2);
    expect(broken.controls().at(-1)).toEqual({ name: "resync", reason: "epoch" });
    expect(broken.frames()).toEqual([]);
    const snapshot = await client.snapshot(sid);
    const again = await client.open(sid, { after: `${snapshot.cursor.epoch}.${snapshot.cursor.seq}` });
    await again.untilControl("caught-up");
    expect(again.frames()).toEqual([]);
  });

  rule(
    "P3.23 a planned end says bye draining, and the cursor goes on afterwards",
    async ({ own, without }) => {
      const client = await own();
      const { target } = client;
      if (target.restart === undefined) return without("restart");
      const sid = await client.create();
      const { tid, stream } = await client.begin(sid);
      await client.send(sid, "echo queued");
      await target.restart();
      expect(await stream.untilControl("bye")).toMatchObject({
        reason: "draining",
        retryMs: expect.any(Number),
      });
      await stream.untilEnd();
      expect(stream.controls().at(-1)?.name).toBe("bye");
      const seen = stream.frames().at(-1)?.seq ?? 0;
      const { epoch } = await client.log(sid);
      const next = await client.open(sid, { after: `${epoch}.${seen}` });
      await next.untilEvent(
        "the queued turn's end",
        (event) => event.type === "turn-ended" && event.turn !== tid,
      );
      // P3.18: the log may have been merged by now, and the first frame then reaches back.
      const [first, ...rest] = next.frames();
      expect(first?.from).toBeLessThanOrEqual(seen + 1);
      expectContiguous(rest, first?.seq ?? seen);
      const ends = (await client.log(sid)).events.flatMap((event) =>
        event.type === "turn-ended" ? [event.outcome] : [],
      );
      expect(ends).toEqual(["interrupted", "complete"]);
    },
    ["restart"],
  );
}
