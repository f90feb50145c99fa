import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryDisk, type MemoryDisk } from "../../../src/backend/memory-store.ts";
import { isDelta } from "../../../src/protocol/events.ts";
import type { LogFrame } from "../../../src/protocol/frames.ts";
import type { WireSnapshot } from "../../../src/protocol/snapshot.ts";
import {
  createHarness,
  DEMO,
  foldReading,
  frameOf,
  textsOf,
  type Harness,
} from "../../support/backend-harness.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";
import { approvalId, sessionId, turnId } from "../../support/wire-samples.ts";

const SID = sessionId();
const TID = turnId();

/** A life of its own clock: one that is not wound any more is a process that was killed. */
function live(disk: MemoryDisk, recovery: "interrupt" | "resume" = "resume"): Promise<Harness> {
  return createHarness({ recovery }, { disk }, createVirtualClock());
}

async function begin(disk: MemoryDisk, prompt: string): Promise<Harness> {
  const harness = await live(disk);
  await harness.must(harness.backend.createSession(SID, DEMO));
  await harness.must(harness.backend.sendTurn(SID, { id: TID, text: prompt, mode: "queue" }));
  return harness;
}

type Turn = WireSnapshot["turns"][number];

async function turnOf(harness: Harness): Promise<Turn> {
  const turn = (await harness.snapshot(SID)).turns[0];
  if (turn === undefined) throw new Error("The session has no turn.");
  return turn;
}

/** Answers every question by its first option, until the turn has ended. */
async function runToEnd(harness: Harness): Promise<Turn> {
  for (let step = 0; step < 2_000; step += 1) {
    const turn = await turnOf(harness);
    if (turn.status === "ended") return turn;
    await answerOpen(harness, turn);
    await harness.clock.advance(100);
  }
  throw new Error("The turn does not end.");
}

async function answerOpen(harness: Harness, turn: Turn): Promise<void> {
  for (const approval of turn.approvals ?? []) {
    const option = approval.options[0]?.id;
    if (approval.resolved !== undefined || option === undefined) continue;
    await harness.must(harness.backend.resolveApproval(SID, approvalId(approval.id), { option }));
  }
}

/** What a turn says, without the times at which it said it. */
function said(turn: Turn): unknown {
  return {
    outcome: turn.outcome,
    usage: turn.usage,
    parts: turn.parts,
    plans: turn.plans?.map((plan) => plan.entries),
    approvals: turn.approvals?.map(({ id, resolved }) => ({ id, option: resolved?.option })),
  };
}

async function framesOf(harness: Harness): Promise<LogFrame[]> {
  const page = await harness.must(harness.backend.events(SID, { after: undefined, limit: 10_000 }));
  return page.frames.map((frame) => frameOf(JSON.stringify(frame)));
}

/** Everything in the log that no fold forgives: what happened but deltas, and the deltas' bare lengths per part. */
function storyOf(frames: readonly LogFrame[]): string[] {
  const story: string[] = [];
  const lengths = new Map<string, number>();
  for (const event of frames.flatMap((frame) => frame.events)) {
    if (event.type === "unknown") throw new Error("The backend wrote an event that it does not know.");
    if (!isDelta(event)) {
      const name = "part" in event ? event.part : "approval" in event ? event.approval : "";
      story.push(`${event.type} ${String(name)}`);
      continue;
    }
    if (event.delta === "") throw new Error("The backend wrote an empty delta.");
    lengths.set(event.part, (lengths.get(event.part) ?? 0) + event.delta.length);
  }
  return [...story, ...[...lengths].map(([part, length]) => `${part}: ${length}`)];
}

const PROMPTS = [
  "count 40 25",
  "words 60 10",
  "think 4",
  "tools",
  "plan",
  "approve",
  "ask",
  "fail",
  "markdown",
];

describe("a turn that a killed process left running", () => {
  it("ends as interrupted unless it is asked to go on", async () => {
    const disk = createMemoryDisk();
    const first = await begin(disk, "count 100 20");
    await first.clock.advance(500);
    const later = await live(disk, "interrupt");
    expect((await turnOf(later)).outcome).toBe("interrupted");
  });

  it("ends as interrupted where its agent can't repeat itself", async () => {
    const disk = createMemoryDisk();
    const first = await live(disk);
    await first.must(first.backend.createSession(SID, {}));
    await first.send(SID, TID, "hello");
    first.puppet.last().text("partial");
    await first.clock.advance(100);
    const later = await live(disk);
    const turn = await turnOf(later);
    expect(turn.outcome).toBe("interrupted");
    expect(turn.parts[0]?.text).toBe("partial");
  });

  it("goes on at its own pace from where the log ends", async () => {
    const disk = createMemoryDisk();
    const first = await begin(disk, "count 100 20");
    await first.clock.advance(500);
    const before = (await turnOf(first)).parts[0]?.text ?? "";
    const later = await live(disk);
    await later.clock.advance(100);
    const after = (await turnOf(later)).parts[0]?.text ?? "";
    expect(after.startsWith(before)).toBe(true);
    const numbersSaid = (after.length - before.length) / 3;
    expect(numbersSaid).toBeGreaterThan(2);
    expect(numbersSaid).toBeLessThan(9);
  });

  it("says the same as one that was never killed, whatever it was doing and however often it was killed", async () => {
    const whole = new Map<string, { readonly said: unknown; readonly story: readonly string[] }>();
    for (const prompt of PROMPTS) {
      const harness = await begin(createMemoryDisk(), prompt);
      whole.set(prompt, { said: said(await runToEnd(harness)), story: storyOf(await framesOf(harness)) });
    }
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PROMPTS),
        fc.array(fc.integer({ min: 0, max: 2_500 }), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (prompt, lives, isAnswered) => {
          const disk = createMemoryDisk();
          let harness = await begin(disk, prompt);
          for (const lifeMs of lives) {
            await harness.clock.advance(lifeMs);
            if (isAnswered) await answerOpen(harness, await turnOf(harness));
            harness = await live(disk);
          }
          expect(said(await runToEnd(harness))).toEqual(whole.get(prompt)?.said);
          const frames = await framesOf(harness);
          expect(storyOf(frames)).toEqual(whole.get(prompt)?.story);
          // Throws on a hole.
          expect(Object.values(textsOf(foldReading(frames)))).toEqual(
            (await turnOf(harness)).parts.map((part) => part.text ?? ""),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it("can be stopped once it has been taken up again, and lets the next one begin", async () => {
    const disk = createMemoryDisk();
    const first = await begin(disk, "count 1000 20");
    await first.must(first.backend.sendTurn(SID, { id: turnId(2), text: "echo next", mode: "queue" }));
    await first.clock.advance(300);
    const later = await live(disk);
    await later.must(later.backend.stopTurn(SID, TID));
    await later.clock.advance(2_000);
    const { turns } = await later.snapshot(SID);
    expect(turns.map((turn) => turn.outcome)).toEqual(["stopped", "complete"]);
  });

  it("keeps the time that was left to answer a question", async () => {
    const disk = createMemoryDisk();
    const first = await begin(disk, "approve");
    await first.clock.advance(3_000);
    const asked = (await turnOf(first)).approvals?.[0];
    expect(asked?.resolved).toBeUndefined();
    const later = await live(disk);
    await later.clock.advance(100);
    expect((await turnOf(later)).approvals).toEqual([asked]);
    expect(later.backend.listSessions({}).sessions[0]?.status).toBe("needs-you");
  });
});
