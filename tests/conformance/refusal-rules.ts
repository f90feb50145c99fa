import { expect } from "vitest";
import { expectProblem, newSessionId, newTurnId } from "./client.ts";
import type { Rule } from "./rule.ts";

/** 1 MiB, written out: the suite measures the constant, too. */
const MAX_TEXT_CHARS = 1_048_576;

export function refusalRules(rule: Rule): void {
  rule(
    "P2.40 every refusal is a problem detail that says what to do, without a stack",
    async ({ client }) => {
      const sid = await client.create();
      expectProblem(await client.call("GET", "/nothing-here"), "not-found");
      expectProblem(await client.call("GET", "/../../etc/passwd%00"), "not-found");
      expectProblem(await client.call("POST", "/health", {}), "method-not-allowed");
      expectProblem(await client.call("PUT", `/sessions/${sid}/turns`, {}), "method-not-allowed");
      expectProblem(await client.call("GET", `/sessions/${newSessionId()}`), "session-not-found");
      expectProblem(await client.call("POST", `/sessions/${sid}/turns`, "{"), "bad-request");
      expectProblem(await client.call("POST", `/sessions/${sid}/turns`, "\0\0"), "bad-request");
    },
  );

  rule("P2.41 unknown fields are ignored", async ({ client }) => {
    const sid = client.adopt(newSessionId());
    const made = { title: "Known", agent: client.target.agent, colour: "blue" };
    expect((await client.call("PUT", `/sessions/${sid}`, made)).status).toBe(201);
    expect((await client.call("PATCH", `/sessions/${sid}`, { pinned: true, colour: "blue" })).status).toBe(
      200,
    );
    const body = {
      id: newTurnId(),
      text: "echo known",
      mode: "queue",
      colour: { deep: ["blue"] },
      __proto__: null,
    };
    expect((await client.call("POST", `/sessions/${sid}/turns`, body)).status).toBe(202);
    await client.untilEnded(sid, body.id);
    const queued = (await client.log(sid)).events.find((event) => event.type === "turn-queued");
    expect(JSON.stringify(queued)).not.toContain("blue");
    await client.call("DELETE", `/sessions/${sid}`);
  });

  rule(
    "P2.42, P2.46 wrong types are 400 with the field named, and leave nothing in the log",
    async ({ client }) => {
      const sid = await client.create();
      const { tid } = await client.begin(sid, "approve");
      const before = await client.row(sid);
      const turns = `/sessions/${sid}/turns`;
      const id = newTurnId();
      const wrong: [string, string, unknown, string | undefined][] = [
        ["POST", turns, { text: "x" }, "id"],
        ["POST", turns, { id, text: 7 }, "text"],
        ["POST", turns, { id, text: null }, "text"],
        ["POST", turns, { id }, "text"],
        ["POST", turns, { id, text: ["x"] }, "text"],
        ["POST", turns, { id, text: "  " }, "text"],
        ["POST", turns, { id, text: "x", mode: "sometimes" }, "mode"],
        ["POST", turns, { id, text: "x", mode: 1 }, "mode"],
        ["POST", turns, { id, text: "x", agent: 1 }, "agent"],
        ["POST", turns, { id, text: "x", attachments: "none" }, "attachments"],
        [
          "POST",
          turns,
          { id, text: "x", attachments: [{ name: "a", mediaType: "b", data: 1 }] },
          "attachments.0.data",
        ],
        ["POST", turns, [], undefined],
        ["POST", turns, "null", undefined],
        ["POST", turns, "not json", undefined],
        ["PATCH", `${turns}/${tid}`, { text: 7 }, "text"],
        ["PUT", `/sessions/${newSessionId()}`, { title: 7 }, "title"],
        ["PATCH", `/sessions/${sid}`, { pinned: "yes" }, "pinned"],
        ["PATCH", `/sessions/${sid}`, { archived: 1 }, "archived"],
        ["PATCH", `/sessions/${sid}`, { title: "" }, "title"],
        ["POST", `/sessions/${sid}/approvals/a1`, { option: 1 }, "option"],
      ];
      for (const [method, path, body, field] of wrong) {
        const answer = await client.call(method, path, body);
        expect({ method, body, status: answer.status }).toEqual({ method, body, status: 400 });
        const problem = expectProblem(answer, "bad-request");
        if (field !== undefined) expect({ body, field: problem.field }).toEqual({ body, field });
      }
      const { events } = await client.log(sid);
      expect(events.flatMap((event) => (event.type === "turn-queued" ? [event.turn] : []))).toEqual([tid]);
      expect(events.some((event) => event.type === "session-updated" && "pinned" in event)).toBe(false);
      expect(await client.row(sid)).toMatchObject({ pinned: before.pinned, archived: before.archived });
    },
  );

  rule("P2.43 a text of 1 MiB is taken, a longer one is 400", async ({ client }) => {
    const sid = await client.create();
    const { tid } = await client.begin(sid);
    const long = `echo ${"x".repeat(MAX_TEXT_CHARS - 5)}`;
    const taken = await client.send(sid, long);
    const refused = { id: newTurnId(), text: `${long}x`, mode: "queue" };
    const answer = await client.call("POST", `/sessions/${sid}/turns`, refused);
    expect(expectProblem(answer, "bad-request").field).toBe("text");
    const edit = await client.call("PATCH", `/sessions/${sid}/turns/${taken}`, { text: `${long}x` });
    expect(expectProblem(edit, "bad-request").field).toBe("text");
    const { events } = await client.log(sid);
    expect(events.find((event) => event.type === "turn-queued" && event.turn === taken)).toMatchObject({
      text: long,
    });
    expect((await client.call("DELETE", `/sessions/${sid}/turns/${taken}`)).status).toBe(204);
    await client.stop(sid, tid);
  });

  rule("P2.44 a bad id is 400 with its name", async ({ client }) => {
    const sid = await client.create();
    const bad = [
      "x",
      "..%2f..",
      "01890000-0000-7000-8000-00000000000G",
      "01890000-0000-7000-8000-0000000000001",
    ];
    for (const id of bad) {
      const cases: [string, string, unknown, string][] = [
        ["GET", `/sessions/${id}`, undefined, "sid"],
        ["PUT", `/sessions/${id}`, {}, "sid"],
        ["DELETE", `/sessions/${id}`, undefined, "sid"],
        ["GET", `/sessions/${id}/events`, undefined, "sid"],
        ["POST", `/sessions/${id}/turns`, { id: newTurnId(), text: "x" }, "sid"],
        ["POST", `/sessions/${sid}/turns`, { id, text: "x" }, "id"],
        ["POST", `/sessions/${sid}/turns`, { id: newTurnId(), text: "x", continues: id }, "continues"],
        ["POST", `/sessions/${sid}/turns`, { id: newTurnId(), text: "x", replaces: id }, "replaces"],
        [
          "POST",
          `/sessions/${sid}/turns`,
          { id: newTurnId(), text: "x", mode: "steer", steers: id },
          "steers",
        ],
        ["PATCH", `/sessions/${sid}/turns/${id}`, { text: "x" }, "tid"],
        ["DELETE", `/sessions/${sid}/turns/${id}`, undefined, "tid"],
        ["POST", `/sessions/${sid}/turns/${id}/stop`, undefined, "tid"],
        ["POST", `/sessions/${sid}/approvals/${"a".repeat(200)}`, { option: "x" }, "aid"],
        ["GET", `/sessions/${sid}?before=${id}`, undefined, "before"],
        ["GET", `/sessions?before=${id}`, undefined, "before"],
      ];
      for (const [method, path, body, field] of cases) {
        const answer = await client.call(method, path, body);
        expect({ method, path, status: answer.status }).toEqual({ method, path, status: 400 });
        expect({ path, field: expectProblem(answer, "bad-request").field }).toEqual({ path, field });
      }
    }
    expect((await client.log(sid)).events).toEqual([]);
  });

  rule("P2.45 a body over the limit is 413", async ({ client }) => {
    const sid = await client.create();
    const body = JSON.stringify({
      id: newTurnId(),
      text: "x",
      padding: "y".repeat(client.target.maxBodyBytes),
    });
    expectProblem(await client.call("POST", `/sessions/${sid}/turns`, body), "body-too-large");
    expect((await client.log(sid)).events).toEqual([]);
    await client.play(sid, "echo still here");
  });
}
