import { expect, test } from "vitest";
import { createDemoAgent, DEMO_AGENT_ID, demoText } from "../../../src/backend/demo-agent.ts";
import type { AgentEvent, AgentRequest } from "../../../src/backend/ports.ts";
import { StopController } from "../../../src/backend/stop-controller.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";
import { sessionId, turnId } from "../../support/wire-samples.ts";

interface Played {
  readonly events: readonly AgentEvent[];
  readonly text: string;
  readonly tookMs: number;
}

async function play(text: string, more: Partial<AgentRequest> = {}, stopAfterMs = Infinity): Promise<Played> {
  const clock = createVirtualClock();
  const stop = new StopController();
  const request: AgentRequest = {
    session: sessionId(),
    turn: turnId(),
    text,
    attachments: [],
    history: [],
    continuesFrom: undefined,
    signal: stop.signal,
    ask: (question) => Promise.resolve(question.options[0]?.id ?? ""),
    ...more,
  };
  const events: AgentEvent[] = [];
  const startedAt = clock.now();
  const progress = { isOver: false };
  const run = (async () => {
    for await (const event of createDemoAgent(clock).run(request)) events.push(event);
    progress.isOver = true;
  })();
  for (let step = 0; step < 20_000 && !progress.isOver; step += 1) {
    if (clock.now() - startedAt >= stopAfterMs) stop.abort();
    await clock.advance(step === 0 ? 0 : 10);
  }
  await run;
  const said = events.map((event) => (event.type === "text" ? event.delta : "")).join("");
  return { events, text: said, tookMs: clock.now() - startedAt };
}

test.each([
  "help",
  "hi there",
  "count 12 1",
  "words 25 1",
  "markdown",
  "code",
  "long 3",
  "echo  two  spaces",
  "slow",
  "think 2",
  "tools",
  "plan",
  "approve",
  "ask",
  "fail",
])("%s says exactly what is foretold, every time", async (prompt) => {
  const { text } = await play(prompt);
  expect(text).toBe(demoText(prompt));
  expect(text).not.toBe("");
});

test("count says one number per delta, as fast as it is told", async () => {
  const { events, tookMs } = await play("count 5 100");
  expect(events).toEqual(
    ["1", " 2", " 3", " 4", " 5"].map((delta) => ({ type: "text", part: "answer", delta })),
  );
  expect(tookMs).toBe(500);
});

test("words carry numbered markers, so that a gap can be seen", () => {
  expect(demoText("words 30").match(/\[\d+\]/g)).toEqual(["[10]", "[20]", "[30]"]);
  expect(demoText("words 30").split(/ (?!\[)/)).toHaveLength(30);
});

test("long is as long as asked", () => {
  expect(demoText("long 5")).toHaveLength(5 * 1024);
});

test("help lists every script, and the default quotes the prompt", () => {
  for (const name of [
    "count",
    "words",
    "markdown",
    "code",
    "think",
    "tools",
    "plan",
    "approve",
    "ask",
    "fail",
    "slow",
    "long",
    "echo",
  ]) {
    expect(demoText("help")).toContain(`\`${name}`);
  }
  expect(demoText("What is this?")).toContain("> What is this?");
  expect(demoText("constructor")).toContain("> constructor");
});

test.each(["count 40 1", "words 40 1", "markdown"])(
  "%s goes on from any point without a gap or a repeat",
  async (prompt) => {
    const whole = demoText(prompt);
    for (const at of [1, 2, 17, 50, whole.length - 1]) {
      const continuesFrom = whole.slice(0, at);
      const history = [{ role: "user", text: prompt }] as const;
      expect(continuesFrom + (await play("", { continuesFrom, history })).text).toBe(whole);
    }
  },
);

test("an answer that is no prefix is begun anew", async () => {
  const history = [{ role: "user", text: "count 3 1" }] as const;
  expect((await play("", { continuesFrom: "something else", history })).text).toBe("1 2 3");
});

test("a stop is heeded in the middle of a pause", async () => {
  const { tookMs, text } = await play("slow", {}, 200);
  expect(tookMs).toBeLessThan(250);
  expect(text).toBe("");
});

test("a denied tool does not run", async () => {
  const { events, text } = await play("approve", { ask: () => Promise.resolve("deny") });
  expect(events).toContainEqual({ type: "tool-ended", part: "delete", status: "denied" });
  expect(events.some((event) => event.type === "tool-output")).toBe(false);
  expect(text).toContain("leave the cache");
});

test("the plan changes while it is worked through, and ends done", async () => {
  const { events } = await play("plan");
  const plans = events.filter((event) => event.type === "plan");
  expect(plans.length).toBeGreaterThan(4);
  expect(new Set(plans.map((event) => event.entries.length))).toEqual(new Set([3, 4]));
  expect(plans.at(-1)?.entries.every((entry) => entry.status === "done")).toBe(true);
});

test("reasoning has as many steps as asked, and fail ends in an error", async () => {
  const thought = await play("think 4");
  expect(thought.events.filter((event) => event.type === "reasoning")).toHaveLength(4);
  const failed = await play("fail");
  expect(failed.events.at(-1)).toMatchObject({ type: "error", error: { code: "demo-failure" } });
});

test("it is called demo and is there", () => {
  expect(createDemoAgent(createVirtualClock()).summary).toMatchObject({
    id: DEMO_AGENT_ID,
    kind: "demo",
    available: true,
  });
});

test.each(["approve", "ask"])("%s says what comes after it in a part of its own", async (prompt) => {
  const { events } = await play(prompt);
  const parts = new Set(events.flatMap((event) => (event.type === "text" ? [event.part] : [])));
  expect([...parts]).toEqual(["answer", "answer-2"]);
});
