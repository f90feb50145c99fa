import { expect } from "vitest";
import { expectProblem, newSessionId, newTurnId } from "./client.ts";
import type { Rule } from "./rule.ts";
import { agentList, health, sessionList, sessionRow } from "./wire-answers.ts";
import { readAs } from "./wire-values.ts";

export function sessionRules(rule: Rule): void {
  rule("P2.1 answers are JSON in UTF-8 under /api", async ({ client }) => {
    const sid = await client.create("Grüße 👋");
    for (const path of ["/health", "/agents", "/sessions", `/sessions/${sid}`, `/sessions/${sid}/events`]) {
      const answer = await client.call("GET", path);
      expect(answer.headers.get("content-type"), path).toMatch(/^application\/json/);
    }
    expect((await client.row(sid)).title).toBe("Grüße 👋");
  });

  rule("P2.47 no answer may be kept without being asked about again", async ({ client }) => {
    const sid = await client.create();
    const paths = [
      "/health",
      "/agents",
      "/sessions",
      `/sessions/${sid}`,
      `/sessions/${sid}/events`,
      "/nothing",
    ];
    for (const path of paths) {
      const { headers } = await client.call("GET", path);
      expect(headers.get("cache-control") ?? "", `cache-control of ${path}`).toMatch(/\bno-(store|cache)\b/);
      if (headers.has("etag")) expect(headers.get("cache-control"), path).not.toContain("no-store");
    }
  });

  rule("P2.2 health names the server, its version and its protocol", async ({ client }) => {
    const answer = await client.call("GET", "/health");
    expect(answer.status).toBe(200);
    expect(readAs("P2.2", health, answer.json()).protocol).toMatch(/^1\.\d+$/);
  });

  rule("P2.3, P2.4 demo is always there, and the default only when nothing else is", async ({ client }) => {
    const answer = await client.call("GET", "/agents");
    expect(answer.status).toBe(200);
    const list = readAs("P2.3", agentList, answer.json());
    expect(list.agents).toContainEqual(expect.objectContaining({ id: "demo", available: true }));
    const others = list.agents.filter((agent) => agent.id !== "demo" && agent.available);
    expect(list.default === "demo").toBe(others.length === 0);
    expect(list.agents.map((agent) => agent.id)).toContain(list.default);
  });

  rule("P2.5 the list shows newest activity first", async ({ client }) => {
    const [older, newer] = [await client.create("older"), await client.create("newer")];
    const order = async (): Promise<string[]> => {
      const list = readAs("P2.5", sessionList, (await client.call("GET", "/sessions?limit=1000")).json());
      return list.sessions.map((row) => row.id).filter((id) => id === older || id === newer);
    };
    await client.play(newer, "count 3 5");
    await client.play(older, "count 3 5");
    expect(await order()).toEqual([older, newer]);
    await client.play(newer, "count 3 5");
    expect(await order()).toEqual([newer, older]);
    expect(await client.row(newer)).toMatchObject({
      lastEndedAt: expect.any(Number),
      status: "idle",
      running: 0,
      queued: 0,
    });
  });

  rule(
    "P2.6, PX.6 the list is paged by limit and before",
    async ({ own }) => {
      const client = await own();
      const made = [];
      for (let count = 0; count < 5; count += 1) made.push(await client.create());
      const all = (await client.call("GET", "/sessions?limit=1000")).json() as { sessions: { id: string }[] };
      const paged: string[] = [];
      let before: string | undefined;
      for (let page = 0; page < 100; page += 1) {
        const answer = await client.call(
          "GET",
          `/sessions?limit=2${before === undefined ? "" : `&before=${before}`}`,
        );
        const body = answer.json() as { sessions: { id: string }[]; hasMore: boolean };
        expect(body.sessions.length).toBeLessThanOrEqual(2);
        paged.push(...body.sessions.map((row) => row.id));
        before = body.sessions.at(-1)?.id;
        if (!body.hasMore) break;
      }
      expect(paged).toEqual(all.sessions.map((row) => row.id));
      expect(paged).toEqual(expect.arrayContaining(made));
    },
    ["alone"],
  );

  rule("P2.7 status tells what a session does and how its last turn ended", async ({ client }) => {
    const sid = await client.create();
    expect(await client.row(sid)).toMatchObject({ status: "idle", running: 0, queued: 0 });
    const { tid } = await client.begin(sid);
    const waiting = await client.send(sid, "fail");
    expect(await client.row(sid)).toMatchObject({ status: "running", running: 1, queued: 1 });
    await client.stop(sid, tid);
    await client.untilEnded(sid, waiting);
    expect(await client.row(sid)).toMatchObject({ status: "failed", running: 0, queued: 0 });
    const stream = await client.open(sid);
    const asking = await client.send(sid, "approve");
    await stream.untilEvent("an approval", (event) => event.type === "approval-requested");
    expect(await client.row(sid)).toMatchObject({ status: "needs-you", running: 1 });
    await client.stop(sid, asking);
    await stream.untilEnded(asking);
    expect((await client.row(sid)).status).toBe("idle");
  });

  rule("P2.8 updatedAt moves at turn boundaries only", async ({ client }) => {
    const sid = await client.create();
    const { tid, stream } = await client.begin(sid, "count 2000 5");
    const before = await client.row(sid);
    const known = stream.events().length;
    await stream.until("20 more deltas", () => (stream.events().length >= known + 20 ? true : undefined));
    const during = await client.row(sid);
    expect(during.updatedAt).toBe(before.updatedAt);
    const startedAt = stream.events().find((event) => event.type === "turn-started")?.at;
    expect(during.updatedAt).toBe(startedAt);
    const waiting = await client.send(sid, "echo waiting");
    const queued = await stream.untilEvent(
      "the second turn",
      (event) => event.type === "turn-queued" && event.turn === waiting,
    );
    expect((await client.row(sid)).updatedAt).toBe(queued.at);
    await client.stop(sid, tid);
    await stream.untilEnded(tid);
    const end = await stream.untilEnded(waiting);
    const after = await client.row(sid);
    expect(after).toMatchObject({ updatedAt: end.at, lastEndedAt: end.at });
    await client.call("PATCH", `/sessions/${sid}`, { pinned: true });
    expect((await client.row(sid)).updatedAt).toBe(after.updatedAt);
  });

  rule(
    "P2.9 the list answers 304 until something changes",
    async ({ own }) => {
      const client = await own();
      const sid = await client.create();
      const first = await client.call("GET", "/sessions");
      const tag = first.headers.get("etag") ?? "";
      expect(tag).not.toBe("");
      const second = await client.call("GET", "/sessions", undefined, { "if-none-match": tag });
      expect({ status: second.status, text: second.text }).toEqual({ status: 304, text: "" });
      await client.call("PATCH", `/sessions/${sid}`, { title: "changed" });
      const third = await client.call("GET", "/sessions", undefined, { "if-none-match": tag });
      expect(third.status).toBe(200);
      expect(third.headers.get("etag")).not.toBe(tag);
    },
    ["alone"],
  );

  rule("P2.10 creating is idempotent and changes nothing the second time", async ({ client }) => {
    const sid = await client.create("First");
    const again = await client.call("PUT", `/sessions/${sid}`, { title: "Second" });
    expect(again.status).toBe(200);
    expect(readAs("P2.10", sessionRow, again.json())).toMatchObject({ id: sid, title: "First" });
    expect((await client.row(sid)).title).toBe("First");
  });

  rule("P2.11 a session is renamed, pinned, archived and given another agent", async ({ client }) => {
    const sid = await client.create();
    const change = { title: "Renamed", pinned: true, archived: true, agent: client.target.agent };
    const answer = await client.call("PATCH", `/sessions/${sid}`, change);
    expect(answer.status).toBe(200);
    expect(readAs("P2.11", sessionRow, answer.json())).toMatchObject(change);
    expect(await client.row(sid)).toMatchObject(change);
    expectProblem(await client.call("PATCH", `/sessions/${sid}`, {}), "bad-request");
    expectProblem(
      await client.call("PATCH", `/sessions/${newSessionId()}`, { pinned: true }),
      "session-not-found",
    );
  });

  rule("P2.12 deleting stops the turns, says bye to every stream and removes the row", async ({ client }) => {
    const sid = await client.create();
    const { stream } = await client.begin(sid);
    await client.send(sid, "echo queued");
    const other = await client.open(sid);
    await other.untilControl("caught-up");
    const answer = await client.call("DELETE", `/sessions/${sid}`);
    expect(answer.status).toBe(204);
    for (const reading of [stream, other]) {
      expect(await reading.untilControl("bye")).toMatchObject({ reason: "deleted" });
      await reading.untilEnd();
      expect(reading.controls().at(-1)?.name).toBe("bye");
    }
    const rows = (await client.call("GET", "/sessions?limit=1000")).json() as { sessions: { id: string }[] };
    expect(rows.sessions.map((row) => row.id)).not.toContain(sid);
  });

  rule("P2.13 a deleted session stays deleted, whatever comes for it", async ({ client }) => {
    const sid = await client.create();
    const { tid } = await client.begin(sid);
    await client.call("DELETE", `/sessions/${sid}`);
    const path = `/sessions/${sid}`;
    const late = { id: newTurnId(), text: "echo late", mode: "queue" };
    const calls: [string, string, unknown?][] = [
      ["GET", path],
      ["GET", `${path}/events`],
      ["PUT", path, {}],
      ["PATCH", path, { title: "back" }],
      ["DELETE", path],
      ["POST", `${path}/turns`, late],
      ["PATCH", `${path}/turns/${tid}`, { text: "late" }],
      ["DELETE", `${path}/turns/${tid}`],
      ["POST", `${path}/turns/${tid}/stop`],
      ["POST", `${path}/approvals/a1`, { option: "yes" }],
    ];
    for (const [method, at, body] of calls) {
      const answer = await client.call(method, at, body);
      expect({ method, at, status: answer.status }).toEqual({ method, at, status: 410 });
      expectProblem(answer, "session-deleted");
    }
    const stream = await client.open(sid);
    await stream.untilEnd();
    expect(stream.controls()).toEqual([{ name: "bye", reason: "deleted" }]);
    expect(stream.frames()).toEqual([]);
    const rows = (await client.call("GET", "/sessions?limit=1000")).json() as { sessions: { id: string }[] };
    expect(rows.sessions.map((row) => row.id)).not.toContain(sid);
  });

  rule("P2.49 what is asked of a session that never was is not found", async ({ client }) => {
    const path = `/sessions/${newSessionId()}`;
    const calls: [string, string, unknown?][] = [
      ["GET", path],
      ["GET", `${path}/events`],
      ["PATCH", path, { title: "Nobody" }],
      ["DELETE", path],
      ["POST", `${path}/turns`, { id: newTurnId(), text: "echo nobody", mode: "queue" }],
      ["PATCH", `${path}/turns/${newTurnId()}`, { text: "nobody" }],
      ["DELETE", `${path}/turns/${newTurnId()}`],
      ["POST", `${path}/turns/${newTurnId()}/stop`],
      ["POST", `${path}/approvals/a1`, { option: "yes" }],
    ];
    for (const [method, at, body] of calls) {
      const answer = await client.call(method, at, body);
      expect({ method, at, status: answer.status }).toEqual({ method, at, status: 404 });
      expectProblem(answer, "session-not-found");
    }
  });

  rule("P2.13 what races with a deletion loses, and nothing runs on", async ({ client }) => {
    const sid = await client.create();
    await client.begin(sid, "count 20000 1");
    const racers = [];
    for (let count = 0; count < 8; count += 1) {
      const body = { id: newTurnId(), text: "count 20000 1", mode: count % 2 === 0 ? "queue" : "parallel" };
      racers.push(client.call("POST", `/sessions/${sid}/turns`, body));
      if (count === 3) racers.push(client.call("DELETE", `/sessions/${sid}`));
      racers.push(client.call("PUT", `/sessions/${sid}`, {}));
    }
    const reading = client.open(sid);
    for (const answer of await Promise.all(racers)) expect([200, 202, 204, 410]).toContain(answer.status);
    const stream = await reading;
    await stream.untilEnd();
    expect(stream.controls().at(-1)).toMatchObject({ name: "bye", reason: "deleted" });
    expectProblem(await client.call("GET", `/sessions/${sid}`), "session-deleted");
    const rows = (await client.call("GET", "/sessions?limit=1000")).json() as { sessions: { id: string }[] };
    expect(rows.sessions.map((row) => row.id)).not.toContain(sid);
  });
}
