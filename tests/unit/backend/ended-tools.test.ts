import { expect, test } from "vitest";
import type { LogEvent } from "../../../src/protocol/events.ts";
import type { TurnId } from "../../../src/protocol/ids.ts";
import { createHarness, type Harness } from "../../support/backend-harness.ts";
import { sessionId, turnId } from "../../support/wire-samples.ts";

const sid = sessionId();
const t1 = turnId(1);

/** A turn with a tool that has ended and one that runs. */
async function withRunningTool(): Promise<Harness> {
  const harness = await createHarness();
  await harness.must(harness.backend.createSession(sid, {}));
  await harness.send(sid, t1, "one");
  harness.puppet
    .last()
    .say(
      { type: "tool-started", part: "done", name: "ls" },
      { type: "tool-ended", part: "done", status: "complete" },
      { type: "tool-started", part: "open", name: "sleep" },
      { type: "tool-output", part: "open", delta: "z" },
    );
  await harness.clock.advance(30);
  return harness;
}

async function expectAllEnded(harness: Harness, outcome: string): Promise<void> {
  await harness.clock.advance(50);
  const { turns } = await harness.snapshot(sid);
  expect(turns[0]).toMatchObject({ outcome, status: "ended" });
  expect(turns[0]?.parts.map((part) => [part.id, part.status])).toEqual([
    ["done", "complete"],
    ["open", "failed"],
  ]);
  const page = await harness.must(harness.backend.events(sid, { after: undefined }));
  const types = page.frames.flatMap((frame) => frame.events as LogEvent[]).map((event) => event.type);
  expect(types.slice(-2)).toEqual(["tool-ended", "turn-ended"]);
  expect(types.filter((type) => type === "tool-ended")).toHaveLength(2);
}

test("a tool that runs when its turn is stopped has ended as failed", async () => {
  const harness = await withRunningTool();
  await harness.must(harness.backend.stopTurn(sid, t1));
  await expectAllEnded(harness, "stopped");
});

test("a tool that its agent left running, or began in its last words, has ended as failed", async () => {
  const harness = await withRunningTool();
  harness.puppet.last().crash(new Error("gone"));
  await expectAllEnded(harness, "failed");

  const t2: TurnId = turnId(2);
  await harness.send(sid, t2, "two");
  harness.puppet.last().say({ type: "tool-started", part: "late", name: "ls" });
  harness.puppet.last().finish();
  await harness.clock.advance(50);
  expect((await harness.snapshot(sid)).turns[1]?.parts).toMatchObject([{ id: "late", status: "failed" }]);
});

test("a tool that ran when the process died has ended as failed after the next start", async () => {
  const next = await (await withRunningTool()).restart();
  await expectAllEnded(next, "interrupted");
});
