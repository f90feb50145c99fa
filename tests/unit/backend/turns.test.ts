import { expect, test } from "vitest";
import { DEMO_AGENT_ID, demoText } from "../../../src/backend/demo-agent.ts";
import type { LogEvent } from "../../../src/protocol/events.ts";
import type { SessionId } from "../../../src/protocol/ids.ts";
import { createHarness, DEMO, frameOf, type Harness } from "../../support/backend-harness.ts";
import { agentId, approvalId, sessionId, turnId } from "../../support/wire-samples.ts";

const sid = sessionId();
const [t1, t2, t3, t4] = [turnId(1), turnId(2), turnId(3), turnId(4)];

async function started(): Promise<Harness> {
  const harness = await createHarness();
  await harness.must(harness.backend.createSession(sid, {}));
  return harness;
}

async function logOf(harness: Harness, of: SessionId = sid): Promise<LogEvent[]> {
  const page = await harness.must(harness.backend.events(of, { after: undefined, limit: 10_000 }));
  return page.frames.flatMap((frame) => frame.events as LogEvent[]);
}

async function turnsOf(harness: Harness): Promise<string[]> {
  const snapshot = await harness.snapshot(sid);
  return snapshot.turns.map((turn) => `${turn.text}:${turn.outcome ?? turn.status}`);
}

test("queued turns run one after the other, in order", async () => {
  const harness = await started();
  await harness.send(sid, t1, "one");
  await harness.send(sid, t2, "two");
  await harness.send(sid, t3, "three");
  expect(harness.puppet.runs).toHaveLength(1);
  expect(await turnsOf(harness)).toEqual(["one:running", "two:queued", "three:queued"]);
  harness.puppet.last().finish();
  await harness.clock.advance(50);
  expect(await turnsOf(harness)).toEqual(["one:complete", "two:running", "three:queued"]);
});

test("sessions run side by side, and events carry their own session", async () => {
  const harness = await started();
  const other = sessionId(2);
  await harness.must(harness.backend.createSession(other, {}));
  await harness.send(sid, t1, "one");
  await harness.send(other, t1, "uno");
  expect(harness.puppet.runs).toHaveLength(2);
  harness.puppet.runs[0]?.text("first");
  harness.puppet.runs[1]?.text("second");
  await harness.clock.advance(20);
  expect((await harness.snapshot(sid)).turns[0]?.parts[0]?.text).toBe("first");
  expect((await harness.snapshot(other)).turns[0]?.parts[0]?.text).toBe("second");
});

test("a send that was accepted once runs once, however often and at once it is retried", async () => {
  const harness = await started();
  const body = { id: t1, text: "one", mode: "queue" } as const;
  const answers = await harness.wait(
    Promise.all(Array.from({ length: 5 }, () => harness.backend.sendTurn(sid, body))),
  );
  expect(answers.map((answer) => answer.ok && answer.value.isKnown)).toEqual([false, true, true, true, true]);
  await harness.clock.advance(50);
  expect(harness.puppet.runs).toHaveLength(1);
  expect((await harness.refused(harness.backend.sendTurn(sid, { ...body, text: "two" }))).code).toBe(
    "turn-conflict",
  );
});

test("a retry is compared with what was first accepted, not with a later edit, and a withdrawn turn stays withdrawn", async () => {
  const harness = await started();
  await harness.send(sid, t1, "one");
  await harness.send(sid, t2, "two");
  await harness.must(harness.backend.editTurn(sid, t2, { text: "two, edited" }));
  expect(await harness.must(harness.backend.sendTurn(sid, { id: t2, text: "two", mode: "queue" }))).toEqual({
    turn: t2,
    isKnown: true,
  });
  await harness.must(harness.backend.withdrawTurn(sid, t2));
  expect(
    await harness.must(harness.backend.sendTurn(sid, { id: t2, text: "two", mode: "queue" })),
  ).toMatchObject({ isKnown: true });
  expect(await turnsOf(harness)).toEqual(["one:running"]);
  expect((await harness.refused(harness.backend.editTurn(sid, t1, { text: "x" }))).code).toBe(
    "turn-not-queued",
  );
  expect((await harness.refused(harness.backend.withdrawTurn(sid, t2))).code).toBe("turn-not-queued");
  expect((await harness.refused(harness.backend.withdrawTurn(sid, t4))).code).toBe("turn-not-found");
});

test("a steer stops the running turn, keeps its partial answer and goes ahead of the queue", async () => {
  const harness = await started();
  await harness.send(sid, t1, "one");
  await harness.send(sid, t2, "two");
  harness.puppet.last().text("part");
  await harness.clock.advance(20);
  await harness.send(sid, t3, "no, three", { mode: "steer" });
  await harness.clock.advance(50);
  expect(await turnsOf(harness)).toEqual(["one:stopped", "no, three:running", "two:queued"]);
  expect((await harness.snapshot(sid)).turns[0]?.parts[0]?.text).toBe("part");
  expect(harness.puppet.last().request.history).toEqual([
    { role: "user", text: "one" },
    { role: "assistant", text: "part" },
  ]);
});

test("a parallel turn starts at once and is told what had ended when it was sent", async () => {
  const harness = await started();
  await harness.send(sid, t1, "one");
  harness.puppet.last().finish();
  await harness.clock.advance(50);
  await harness.send(sid, t2, "two");
  await harness.send(sid, t3, "three", { mode: "parallel" });
  expect(harness.puppet.runs).toHaveLength(3);
  expect(harness.puppet.last().request.history).toEqual([{ role: "user", text: "one" }]);
  await harness.must(harness.backend.stopTurn(sid, t2));
  expect(await turnsOf(harness)).toEqual(["one:complete", "two:stopped", "three:running"]);
});

test("stop ends THAT turn and no other, and a stopped answer never grows again", async () => {
  const harness = await started();
  await harness.send(sid, t1, "one");
  harness.puppet.last().text("abc");
  await harness.clock.advance(20);
  const first = harness.puppet.last();
  await harness.send(sid, t2, "two");
  await harness.must(harness.backend.stopTurn(sid, t1));
  await harness.clock.advance(50);
  first.text("late");
  first.finish();
  await harness.clock.advance(50);
  expect(first.isStopped()).toBe(true);
  await harness.must(harness.backend.stopTurn(sid, t1));
  expect(await turnsOf(harness)).toEqual(["one:stopped", "two:running"]);
  // As it was committed: a page merges deltas into the first of their part, and would hide a late one.
  const rows = harness.store.disk.logs.get(sid)?.rows ?? [];
  const log = rows.flatMap((row) => frameOf(row.data).events);
  const end = log.findIndex((event) => event.type === "turn-ended");
  expect(log.slice(end + 1).filter((event) => "turn" in event && event.turn === t1)).toEqual([]);
  expect(log.filter((event) => event.type === "turn-ended")).toHaveLength(1);
});

test("a queued turn can be stopped, and stopping an unknown one is refused", async () => {
  const harness = await started();
  await harness.send(sid, t1, "one");
  await harness.send(sid, t2, "two");
  await harness.must(harness.backend.stopTurn(sid, t2));
  expect(await turnsOf(harness)).toEqual(["one:running", "two:stopped"]);
  expect((await harness.refused(harness.backend.stopTurn(sid, t3))).code).toBe("turn-not-found");
});

test("an agent's error and an agent's throw end the turn as failed with its partial text", async () => {
  const harness = await started();
  await harness.send(sid, t1, "one");
  harness.puppet.last().text("half");
  harness.puppet.last().say({ type: "error", error: { code: "model-gone", message: "The model has gone." } });
  harness.puppet.last().text("never");
  await harness.clock.advance(50);
  await harness.send(sid, t2, "two");
  harness.puppet.last().text("half");
  harness.puppet.last().crash(new Error("secret stack"));
  await harness.clock.advance(50);
  const { turns, session } = await harness.snapshot(sid);
  expect(turns.map((turn) => [turn.outcome, turn.error?.code, turn.parts[0]?.text])).toEqual([
    ["failed", "model-gone", "half"],
    ["failed", "agent-failed", "half"],
  ]);
  expect(JSON.stringify(turns)).not.toContain("secret");
  expect(session.status).toBe("failed");
});

test("what an agent says amiss never reaches the log", async () => {
  const harness = await started();
  await harness.send(sid, t1, "one");
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  harness.puppet
    .last()
    .say(
      { type: "tool-output", part: "nobody", delta: "x" },
      { type: "tool-ended", part: "nobody", status: "complete" },
      { type: "tool-started", part: "t", name: "tool", input: cyclic },
      { type: "plan", entries: [{ text: 5 as unknown as string, status: "done" }] },
      { type: "text", part: "has spaces\n", delta: "a" },
      { type: "reasoning", part: "has spaces\n", delta: "b" },
      { type: "text", part: "", delta: "" },
    );
  harness.puppet.last().finish();
  await harness.clock.advance(50);
  const { turns } = await harness.snapshot(sid);
  expect(turns[0]?.outcome).toBe("complete");
  expect(turns[0]?.parts.map((part) => [part.id, part.type, part.text])).toEqual([
    ["has_spaces_", "text", "a"],
    ["has_spaces_:reasoning-delta", "reasoning", "b"],
  ]);
  expect(harness.warnings).toHaveLength(4);
  const types = (await logOf(harness)).map((event) => event.type);
  expect(types.filter((type) => type.startsWith("tool-") || type === "plan-updated")).toEqual([]);
});

test("an approval is answered once, by whom and what is told to the second, and expiry takes the safe option", async () => {
  const harness = await started();
  await harness.send(sid, t1, "one");
  const { request } = harness.puppet.last();
  const options = [
    { id: "yes", label: "Yes", kind: "allow" },
    { id: "no", label: "No", kind: "deny" },
  ];
  const first = request.ask({ id: "q", prompt: "May I?", options });
  await harness.clock.advance(20);
  expect((await harness.snapshot(sid)).session.status).toBe("needs-you");
  const aid = approvalId((await harness.snapshot(sid)).turns[0]?.approvals?.[0]?.id);
  const bad = await harness.refused(harness.backend.resolveApproval(sid, aid, { option: "maybe" }));
  expect([bad.code, bad.field]).toEqual(["bad-request", "option"]);
  const answers = await harness.wait(
    Promise.all(["yes", "no"].map((option) => harness.backend.resolveApproval(sid, aid, { option }))),
  );
  expect(
    answers.map((answer) => answer.ok || [answer.error.code, answer.error.option, answer.error.by]),
  ).toEqual([true, ["approval-resolved", "yes", "user"]]);
  expect(await harness.wait(first)).toBe("yes");
  const second = request.ask({ id: "q", prompt: "Again?", options, expiresInMs: 1_000 });
  await harness.clock.advance(1_100);
  expect(await second).toBe("no");
  const third = request.ask({ id: "q", prompt: "And now?", options });
  third.catch(() => undefined);
  await harness.clock.advance(20);
  await harness.must(harness.backend.stopTurn(sid, t1));
  await expect(third).rejects.toThrow("stopped");
  const { turns, session } = await harness.snapshot(sid);
  expect(turns[0]?.approvals?.map((approval) => [approval.resolved?.option, approval.resolved?.by])).toEqual([
    ["yes", "user"],
    ["no", "timeout"],
    ["", "stopped"],
  ]);
  expect(session.status).toBe("idle");
  const late = await harness.refused(harness.backend.resolveApproval(sid, aid, { option: "no" }));
  expect([late.code, late.option, late.by]).toEqual(["approval-resolved", "yes", "user"]);
  expect(
    (await harness.refused(harness.backend.resolveApproval(sid, approvalId("nope"), { option: "x" }))).code,
  ).toBe("approval-not-found");
});

test.each(["steers", "replaces", "continues"] as const)(
  "%s must name a turn of the session",
  async (field) => {
    const harness = await started();
    const refusal = await harness.refused(
      harness.backend.sendTurn(sid, { id: t1, text: "x", mode: "queue", [field]: t4 }),
    );
    expect([refusal.code, refusal.field]).toEqual(["bad-request", field]);
  },
);

test("an agent that does not exist is refused at the send, and one that vanishes fails the turn in words", async () => {
  const clockless = await started();
  const refusal = await clockless.refused(
    clockless.backend.sendTurn(sid, { id: t1, text: "x", mode: "queue", agent: agentId("nobody") }),
  );
  expect([refusal.code, refusal.field]).toEqual(["bad-request", "agent"]);
  let isThere = true;
  const harness = await createHarness({
    agents: {
      list: async () => ({ agents: [], default: DEMO_AGENT_ID }),
      find: async () => (isThere ? clockless.puppet.agent : undefined),
      defaultId: () => agentId("puppet"),
    },
  });
  await harness.must(harness.backend.createSession(sid, {}));
  await harness.send(sid, t1, "one");
  await harness.send(sid, t2, "two");
  isThere = false;
  clockless.puppet.last().finish();
  await harness.clock.advance(100);
  const { turns } = await harness.snapshot(sid);
  expect(turns[1]).toMatchObject({ outcome: "failed", error: { code: "agent-unavailable" } });
});

test("what is replaced is left out of the history, and its replacement is told what stood before it", async () => {
  const harness = await started();
  const answer = async (id: typeof t1, text: string, reply: string, more = {}): Promise<void> => {
    await harness.send(sid, id, text, more);
    harness.puppet.last().text(reply);
    harness.puppet.last().finish();
    await harness.clock.advance(50);
  };
  await answer(t1, "one", "1");
  await answer(t2, "two", "2");
  await answer(t3, "two again", "2b", { replaces: t2 });
  expect(harness.puppet.last().request.history.map((message) => message.text)).toEqual(["one", "1"]);
  await answer(t4, "three", "3");
  expect(harness.puppet.last().request.history.map((message) => message.text)).toEqual([
    "one",
    "1",
    "two again",
    "2b",
  ]);
});

test("a continuation is told the question last and the partial answer, over several stops", async () => {
  const harness = await started();
  const partly = async (id: typeof t1, text: string, reply: string, more = {}): Promise<void> => {
    await harness.send(sid, id, text, more);
    harness.puppet.last().text(reply);
    await harness.clock.advance(20);
    await harness.must(harness.backend.stopTurn(sid, id));
  };
  await partly(t1, "one", "abc");
  await partly(t2, "", "def", { continues: t1 });
  expect(harness.puppet.last().request).toMatchObject({
    continuesFrom: "abc",
    history: [{ role: "user", text: "one" }],
  });
  await partly(t3, "", "ghi", { continues: t2 });
  expect(harness.puppet.last().request).toMatchObject({
    continuesFrom: "abcdef",
    history: [{ role: "user", text: "one" }],
  });
  await harness.send(sid, t4, "next");
  expect(harness.puppet.last().request.history).toEqual([
    { role: "user", text: "one" },
    { role: "assistant", text: "abcdefghi" },
  ]);
});

test("the demo goes on exactly where its answer was stopped", async () => {
  const harness = await started();
  await harness.send(sid, t1, "count 30 10", DEMO);
  await harness.clock.advance(125);
  await harness.must(harness.backend.stopTurn(sid, t1));
  await harness.send(sid, t2, "", { continues: t1, ...DEMO });
  await harness.clock.advance(1_000);
  const texts = (await harness.snapshot(sid)).turns.map((turn) => turn.parts[0]?.text ?? "");
  expect(texts[0]).not.toBe("");
  expect(texts.join("")).toBe(demoText("count 30"));
  const { code, field } = await harness.refused(
    harness.backend.sendTurn(sid, { id: t3, text: "", mode: "queue", continues: t2 }),
  );
  expect([code, field]).toEqual(["bad-request", "continues"]);
});

test("only so many messages may wait in one session", async () => {
  const harness = await createHarness({ maxQueuedTurns: 2 });
  await harness.must(harness.backend.createSession(sid, {}));
  for (const id of [t1, t2, t3]) expect((await harness.send(sid, id, "x")).ok).toBe(true);
  expect(
    (await harness.refused(harness.backend.sendTurn(sid, { id: t4, text: "x", mode: "queue" }))).code,
  ).toBe("too-many-turns");
});

test("the agent is held back only when the store falls far behind", async () => {
  const harness = await createHarness({}, { latencyMs: 1_000 });
  let said = 0;
  const talker = harness.puppet.agent;
  talker.run = async function* () {
    for (; said < 50_000; said += 1) yield { type: "text", part: "p", delta: "x" };
  };
  await harness.must(harness.backend.createSession(sid, {}));
  void harness.backend.sendTurn(sid, { id: t1, text: "x", mode: "queue" });
  await harness.clock.advance(5_000);
  expect(said).toBeGreaterThan(1_000);
  expect(said).toBeLessThan(20_000);
});
