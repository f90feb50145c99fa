import { expect } from "vitest";
import { expectProblem, newSessionId, newTurnId } from "./client.ts";
import type { Rule } from "./rule.ts";
import { health, searchPage } from "./wire-answers.ts";
import { readAs } from "./wire-values.ts";

/** Written out, not imported: the suite measures the constant, too. */
const MAX_ATTACHMENTS = 20;

export function extensionRules(rule: Rule): void {
  rule("PX.1 a snapshot's turn tells its mode and when it was queued", async ({ client }) => {
    const sid = await client.create();
    const tid = await client.play(sid, "tools", { mode: "parallel" });
    const { events } = await client.log(sid);
    const queued = events.find((event) => event.type === "turn-queued" && event.turn === tid);
    const started = events.find((event) => event.type === "turn-started" && event.turn === tid);
    const turn = (await client.snapshot(sid)).turns[0];
    expect(turn).toMatchObject({ mode: "parallel", queuedAt: queued?.at, startedAt: started?.at });
    const tool = events.find((event) => event.type === "tool-started");
    const part = turn?.parts.find((other) => other.type === "tool");
    expect(part).toMatchObject({ id: tool?.part, name: tool?.name });
    expect([part?.title, part?.kind, part?.input]).toEqual([tool?.title, tool?.kind, tool?.input]);
  });

  rule("PX.2 turn-queued names the turn that it steers", async ({ client }) => {
    const sid = await client.create();
    const { tid } = await client.begin(sid);
    const id = newTurnId();
    const body = { id, text: "echo b", mode: "steer", steers: tid };
    expect((await client.call("POST", `/sessions/${sid}/turns`, body)).status).toBe(202);
    expect((await client.call("POST", `/sessions/${sid}/turns`, body)).status).toBe(200);
    expectProblem(
      await client.call("POST", `/sessions/${sid}/turns`, { ...body, steers: newTurnId() }),
      "turn-conflict",
    );
    expect((await client.log(sid)).events).toContainEqual(
      expect.objectContaining({ type: "turn-queued", turn: id, mode: "steer", steers: tid }),
    );
  });

  rule("PX.4 health tells whether a password is asked for", async ({ client }) => {
    const { auth } = readAs("PX.4", health, (await client.call("GET", "/health")).json());
    expect(auth).toBe(client.target.password === undefined ? "none" : "signed-in");
  });

  rule("PX.5 a code's status is the one in the table", async ({ client }) => {
    const sid = await client.create();
    // `expectProblem` compares status and code with the table.
    expectProblem(await client.call("GET", "/nothing"), "not-found");
    expectProblem(await client.call("DELETE", "/health"), "method-not-allowed");
    expectProblem(await client.call("GET", `/sessions/${sid}/events?after=x`), "bad-cursor");
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await client.call("POST", `/sessions/${sid}/turns`, "id=1&text=x", form);
    expectProblem(answer, "unsupported-media-type");
  });

  rule("PX.7 an attachment has a name, a type and base64", async ({ client }) => {
    const sid = await client.create();
    const good = { name: "a.txt", mediaType: "text/plain", data: "aGk=" };
    const cases: [unknown, string][] = [
      [[{ ...good, name: "" }], "attachments.0.name"],
      [[{ ...good, name: "x".repeat(256) }], "attachments.0.name"],
      [[good, { ...good, mediaType: "" }], "attachments.1.mediaType"],
      [[{ ...good, data: "§§§" }], "attachments.0.data"],
      [[{ name: "a", data: "aGk=" }], "attachments.0.mediaType"],
      [Array.from({ length: MAX_ATTACHMENTS + 1 }, () => good), "attachments"],
    ];
    for (const [attachments, field] of cases) {
      const body = { id: newTurnId(), text: "echo x", attachments };
      const answer = await client.call("POST", `/sessions/${sid}/turns`, body);
      expect({ field: expectProblem(answer, "bad-request").field }).toEqual({ field });
    }
    await client.play(sid, "echo x", { attachments: [good] });
  });

  rule("PX.8 any UUID in lower case names a session and a turn", async ({ client }) => {
    const sid = client.adopt(crypto.randomUUID());
    const { agent } = client.target;
    expect((await client.call("PUT", `/sessions/${sid}`, { agent })).status).toBe(201);
    const turns = `/sessions/${sid}/turns`;
    const id = crypto.randomUUID();
    expect((await client.call("POST", turns, { id, text: "echo v4" })).status).toBe(202);
    const upper = { id: "0189ABCD-0000-7000-8000-000000000001", text: "x" };
    expect(expectProblem(await client.call("POST", turns, upper), "bad-request").field).toBe("id");
    expect((await client.call("DELETE", `/sessions/${sid}`)).status).toBe(204);
  });

  rule(
    "PX.9 a number of a query is whole and above 0, and more than the most means the most",
    async ({ client }) => {
      const sid = await client.create();
      await client.play(sid, "echo x");
      for (const bad of ["0", "-1", "1.5", "many", "", "1e3"]) {
        for (const [path, field] of [
          [`/sessions?limit=${bad}`, "limit"],
          [`/sessions/${sid}?turns=${bad}`, "turns"],
          [`/sessions/${sid}/events?limit=${bad}`, "limit"],
        ] as const) {
          const answer = await client.call("GET", path);
          expect({ path, status: answer.status }).toEqual({ path, status: 400 });
          expect(expectProblem(answer, "bad-request").field).toBe(field);
        }
      }
      for (const path of [
        "/sessions?limit=99999999",
        `/sessions/${sid}?turns=99999999`,
        `/sessions/${sid}/events?limit=99999999`,
      ]) {
        expect((await client.call("GET", path)).status).toBe(200);
      }
      expect((await client.call("PATCH", `/sessions/${sid}`, { title: "x".repeat(200) })).status).toBe(200);
      const answer = await client.call("PATCH", `/sessions/${sid}`, { title: "x".repeat(201) });
      expect(expectProblem(answer, "bad-request").field).toBe("title");
    },
  );

  rule("PX.16 an absent body is an empty object, and a form is none", async ({ client }) => {
    const sid = client.adopt(newSessionId());
    const made = await client.call("PUT", `/sessions/${sid}`);
    expect({ status: made.status, text: made.text }).toMatchObject({ status: 201 });
    const nothing = await client.call("POST", `/sessions/${sid}/turns`);
    expect(expectProblem(nothing, "bad-request").field).toBe("id");
    const form = { "content-type": "text/plain" };
    const asText = await client.call("PATCH", `/sessions/${sid}`, '{"pinned":true}', form);
    expectProblem(asText, "unsupported-media-type");
    const { agent } = client.target;
    const body = { id: newTurnId(), text: "echo x", agent };
    for (const [method, path, sent] of [
      ["POST", "/turns", body],
      ["POST", `/turns/${body.id}/stop`, undefined],
    ] as const) {
      expect((await client.call(method, `/sessions/${sid}${path}`, sent)).json()).toBeTypeOf("object");
    }
  });

  rule("PX.11 a title is found by itself and gives way to a person's", async ({ client }) => {
    const sid = await client.create();
    const before = await client.row(sid);
    await client.play(sid, "echo The weather in Lisbon");
    const named = await client.row(sid);
    expect(named.title).not.toBe("");
    expect(named.title).not.toBe(before.title);
    await client.call("PATCH", `/sessions/${sid}`, { title: "Mine" });
    await client.play(sid, "echo Something else");
    expect((await client.row(sid)).title).toBe("Mine");
  });

  rule("PX.12 a send that names what there is not is refused by that name", async ({ client }) => {
    const sid = await client.create();
    const complete = await client.play(sid, "echo complete");
    const { tid: running } = await client.begin(sid);
    const cases: [object, string][] = [
      [{ mode: "steer", steers: newTurnId() }, "steers"],
      [{ replaces: newTurnId() }, "replaces"],
      [{ continues: newTurnId() }, "continues"],
      [{ continues: complete }, "continues"],
      [{ continues: running }, "continues"],
      [{ agent: "nobody/nothing" }, "agent"],
    ];
    for (const [fields, field] of cases) {
      const body = { id: newTurnId(), text: "echo x", mode: "parallel", ...fields };
      const answer = await client.call("POST", `/sessions/${sid}/turns`, body);
      expect({ fields, field: expectProblem(answer, "bad-request").field }).toEqual({ fields, field });
    }
    const { events } = await client.log(sid);
    expect(events.filter((event) => event.type === "turn-queued")).toHaveLength(2);
  });

  rule(
    "PX.13 a session holds a hundred waiting turns, and a send beyond that is told so",
    async ({ client }) => {
      const sid = await client.create();
      await client.begin(sid);
      const sends = Array.from({ length: 110 }, () =>
        client.call("POST", `/sessions/${sid}/turns`, { id: newTurnId(), text: "echo x", mode: "queue" }),
      );
      const answers = await Promise.all(sends);
      expect(answers.filter((answer) => answer.status === 202)).toHaveLength(100);
      for (const answer of answers) if (answer.status !== 202) expectProblem(answer, "too-many-turns");
      expect(await client.row(sid)).toMatchObject({ running: 1, queued: 100 });
    },
  );

  rule("PX.19 a search finds questions and answers, newest first, page by page", async ({ client }) => {
    const sid = await client.create();
    const played = [];
    for (const text of ["echo a red fox", "echo nothing", "echo Fox, FOX and fox", "echo red\n fox"])
      played.push(await client.play(sid, text));
    const search = async (query: string) =>
      readAs("PX.19", searchPage, (await client.call("GET", `/sessions/${sid}/search?${query}`)).json());
    const whole = await search("q=fOx");
    expect(whole.hasMore).toBe(false);
    // The test agent echoes, so that each stands in the question and in the answer.
    expect(whole.matches.map(({ turn, count }) => [turn, count])).toEqual([
      [played[3], 2],
      [played[2], 6],
      [played[0], 2],
    ]);
    expect(whole.matches[2]?.excerpt).toEqual({ before: "echo a red ", match: "fox", after: "" });
    expect((await search("q=red%20fox")).matches.map(({ turn }) => turn)).toEqual([played[3], played[0]]);
    expect((await search("q=f.x")).matches).toEqual([]);
    const paged: string[] = [];
    let before = "";
    for (let page = 0; page < 9; page += 1) {
      const { matches, hasMore, next } = await search(`q=fox&limit=1${before}`);
      expect(matches.length).toBeLessThanOrEqual(1);
      paged.push(...matches.map(({ turn }) => turn));
      if (!hasMore) break;
      before = `&before=${next ?? ""}`;
    }
    expect(paged).toEqual(whole.matches.map(({ turn }) => turn));
    const cases = [
      ["", "q"],
      ["?q=%20", "q"],
      [`?q=${"x".repeat(201)}`, "q"],
      ["?q=x&limit=0", "limit"],
      ["?q=x&before=x", "before"],
    ] as const;
    for (const [query, field] of cases) {
      const answer = await client.call("GET", `/sessions/${sid}/search${query}`);
      expect({ query, field: expectProblem(answer, "bad-request").field }).toEqual({ query, field });
    }
    const unknown = await client.call("GET", `/sessions/${sid}/search?q=x&before=${newTurnId()}`);
    expectProblem(unknown, "turn-not-found");
    expectProblem(await client.call("GET", `/sessions/${newSessionId()}/search?q=x`), "session-not-found");
  });

  rule("PX.19 a search looks into reasoning and tools", async ({ client }) => {
    const sid = await client.create();
    const thought = await client.play(sid, "think 3");
    const used = await client.play(sid, "tools");
    const { turns } = await client.snapshot(sid);
    const parts = turns.flatMap((turn) => turn.parts);
    const reasoning = parts.find((part) => part.type === "reasoning")?.text ?? "";
    const tool = parts.find((part) => part.type === "tool");
    const matches = async (text: string) => {
      const query = encodeURIComponent(text.trim().slice(0, 100));
      const answer = await client.call("GET", `/sessions/${sid}/search?q=${query}`);
      return readAs("PX.19", searchPage, answer.json()).matches.map(({ turn }) => turn);
    };
    expect(await matches(reasoning)).toContain(thought);
    for (const text of [tool?.name, tool?.text, inJson(tool?.input)]) {
      if (text !== undefined && text.trim() !== "") expect(await matches(text)).toContain(used);
    }
  });

  rule("PX.20 from=TURN pages towards the end, from the first turn on", async ({ client }) => {
    const sid = await client.create();
    const played = [];
    for (const text of ["echo a", "echo b", "echo c", "echo d", "echo e"])
      played.push(await client.play(sid, text));
    const page = async (query: string) => {
      const { turns, hasMore, hasLater } = await client.snapshot(sid, query);
      return { ids: turns.map(({ id }) => id), hasMore, hasLater };
    };
    expect(await page("?turns=2&from=first")).toEqual({
      ids: played.slice(0, 2),
      hasMore: false,
      hasLater: true,
    });
    expect(await page(`?turns=2&from=${played[2] ?? ""}`)).toEqual({
      ids: played.slice(2, 4),
      hasMore: true,
      hasLater: true,
    });
    expect(await page(`?turns=2&from=${played[3] ?? ""}`)).toMatchObject({
      ids: played.slice(3),
      hasLater: false,
    });
    expect(await page(`?from=${played[4] ?? ""}`)).toMatchObject({ ids: played.slice(4), hasLater: false });
    expect((await page("?turns=2")).hasLater).toBeUndefined();
    expectProblem(await client.call("GET", `/sessions/${sid}?from=${newTurnId()}`), "turn-not-found");
    for (const query of ["?from=last", `?from=first&before=${played[1] ?? ""}`]) {
      const answer = await client.call("GET", `/sessions/${sid}${query}`);
      expect({ query, field: expectProblem(answer, "bad-request").field }).toEqual({ query, field: "from" });
    }
  });
}

/** As PX.19 has what is no text. */
function inJson(value: unknown): string | undefined {
  return typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
}
