import { expect } from "vitest";
import type { LogEventOf } from "./wire-events.ts";
import type { SessionId } from "./wire-values.ts";
import { expectProblem, type Client } from "./client.ts";
import type { Rule } from "./rule.ts";
import type { StreamReading } from "./stream-reading.ts";

type Asked = LogEventOf<"approval-requested">;

async function ask(
  client: Client,
  sid: SessionId,
  prompt: string,
): Promise<{ asked: Asked; stream: StreamReading }> {
  const tid = await client.send(sid, prompt);
  const stream = await client.open(sid);
  const asked = await stream.untilEvent(
    "an approval",
    (it) => it.type === "approval-requested" && it.turn === tid,
  );
  if (asked.type !== "approval-requested") throw new Error("found another event");
  return { asked, stream };
}

export function approvalRules(rule: Rule): void {
  rule("P2.37 an approval and a question are answered, and the turn goes on", async ({ client }) => {
    const sid = await client.create();
    const seen = new Set<string>();
    // Twice the same question: each asking is an approval of its own.
    for (const prompt of ["approve", "ask", "approve"]) {
      const { asked, stream } = await ask(client, sid, prompt);
      const path = `/sessions/${sid}/approvals/${encodeURIComponent(asked.approval)}`;
      const refused = expectProblem(
        await client.call("POST", path, { option: "never offered" }),
        "bad-request",
      );
      expect(refused.field).toBe("option");
      const option = asked.options[0]?.id ?? "";
      expect((await client.call("POST", path, { option })).status).toBe(200);
      expect((await stream.untilEnded(asked.turn)).outcome).toBe("complete");
      expect(seen.has(asked.approval)).toBe(false);
      seen.add(asked.approval);
      expect(stream.events()).toContainEqual(
        expect.objectContaining({ type: "approval-resolved", approval: asked.approval, option, by: "user" }),
      );
    }
    expectProblem(
      await client.call("POST", `/sessions/${sid}/approvals/nobody`, { option: "x" }),
      "approval-not-found",
    );
  });

  rule("P2.38 of several answers one counts, and the others learn what and who", async ({ client }) => {
    const sid = await client.create();
    const { asked, stream } = await ask(client, sid, "approve");
    const path = `/sessions/${sid}/approvals/${encodeURIComponent(asked.approval)}`;
    const options = asked.options.map((option) => option.id);
    const answers = await Promise.all(
      [...options, ...options].map((option) => client.call("POST", path, { option })),
    );
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    await stream.untilEnded(asked.turn);
    const resolved = stream.events().filter((event) => event.type === "approval-resolved");
    expect(resolved).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status === 200) continue;
      const told = expectProblem(answer, "approval-resolved");
      expect(told).toMatchObject({ option: resolved[0]?.option, by: "user" });
    }
    expectProblem(await client.call("POST", path, { option: options[0] }), "approval-resolved");
  });

  rule("P4.8 an approval names its options, and the turn waits", async ({ client }) => {
    const sid = await client.create();
    const { asked, stream } = await ask(client, sid, "approve");
    expect(asked.prompt).not.toBe("");
    expect(asked.options.length).toBeGreaterThan(1);
    for (const option of asked.options) {
      expect(option).toEqual({ id: expect.any(String), label: expect.any(String), kind: expect.any(String) });
    }
    const { turns } = await client.snapshot(sid);
    expect(turns[0]).toMatchObject({
      status: "running",
      approvals: [{ id: asked.approval, options: asked.options }],
    });
    expect(turns[0]?.approvals?.[0]?.resolved).toBeUndefined();
    expect(stream.events().some((event) => event.type === "turn-ended")).toBe(false);
  });

  rule("P4.9 a stop resolves what still waits, once, before the end", async ({ client }) => {
    const sid = await client.create();
    const { asked, stream } = await ask(client, sid, "approve");
    await client.stop(sid, asked.turn);
    await stream.untilEnded(asked.turn);
    const types = stream.events().map((event) => event.type);
    expect(types.filter((type) => type === "approval-resolved")).toHaveLength(1);
    expect(types.at(-1)).toBe("turn-ended");
    expect(stream.events()).toContainEqual(
      expect.objectContaining({
        type: "approval-resolved",
        approval: asked.approval,
        option: "",
        by: "stopped",
      }),
    );
    const path = `/sessions/${sid}/approvals/${encodeURIComponent(asked.approval)}`;
    const late = expectProblem(
      await client.call("POST", path, { option: asked.options[0]?.id }),
      "approval-resolved",
    );
    expect(late.by).toBe("stopped");
  });
}
