import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createMemoryDisk } from "../../../src/backend/memory-store.ts";
import { StoreFullError, type StoreWrite } from "../../../src/backend/ports.ts";
import type { SendMode } from "../../../src/protocol/events.ts";
import {
  createHarness,
  frameOf,
  foldReading,
  textsOf,
  type Harness,
  type PuppetRun,
} from "../../support/backend-harness.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";
import { sessionId, turnId } from "../../support/wire-samples.ts";

const SESSIONS = [sessionId(1), sessionId(2)] as const;
const MODES: readonly SendMode[] = ["queue", "queue", "steer", "parallel"];

type Step = readonly [what: number, which: number, amount: number];
type Sink = ReturnType<Harness["open"]>;

/** What each turn was heard to say, by what the puppet said; the log must hold a prefix of it. */
const saidBy = new Map<string, string>();
const lateEvents: string[] = [];

async function walk(steps: readonly Step[], latencyMs: number): Promise<void> {
  saidBy.clear();
  lateEvents.length = 0;
  const disk = createMemoryDisk();
  const ends = new Set<string>();
  const life = { isFull: false, number: 0 };
  const begin = (): Promise<Harness> => {
    const mine = (life.number += 1);
    // A life that has ended can write nothing: its timers may still fire.
    const failCommit = (writes: readonly StoreWrite[]): Error | undefined => {
      if (mine !== life.number) return new Error("This process is dead.");
      if (life.isFull) return new StoreFullError("full");
      for (const write of writes) watchEnds(ends, write);
      return undefined;
    };
    return createHarness({ groupCommitMs: 4 }, { disk, latencyMs, failCommit }, createVirtualClock());
  };
  let harness = await begin();
  for (const sid of SESSIONS) await harness.must(harness.backend.createSession(sid, {}));
  let sinks: { sid: (typeof SESSIONS)[number]; sink: Sink }[] = [];
  const over = new Set<PuppetRun>();
  let sent = 0;
  for (const [what, which, amount] of steps) {
    const sid = SESSIONS[which % 2] ?? SESSIONS[0];
    const tid = turnId(1 + (amount % Math.max(1, sent)));
    const run = harness.puppet.runs.at(-1 - (amount % 3));
    switch (what) {
      case 0:
        sent += 1;
        void harness.backend.sendTurn(sid, {
          id: turnId(sent),
          text: `m${sent}`,
          mode: MODES[amount % 4] ?? "queue",
          ...(sent > 1 && amount === 6 ? { replaces: turnId(sent - 1) } : {}),
          ...(sent > 1 && amount === 9 ? { continues: turnId(sent - 1) } : {}),
          ...(sent > 1 && amount === 10 ? { steers: turnId(1 + (which % (sent - 1))) } : {}),
        });
        break;
      case 1:
        useTool(run, amount);
        break;
      case 2:
        // After its end an agent may babble on; nobody is to hear it.
        if (run === undefined) break;
        if (!over.has(run)) saidBy.set(run.request.turn, `${saidBy.get(run.request.turn) ?? ""}${amount},`);
        run.text(`${amount},`);
        break;
      case 3:
        run?.finish();
        if (run !== undefined) over.add(run);
        break;
      case 4:
        void harness.backend.stopTurn(sid, tid);
        break;
      case 5:
        void (amount % 2 === 0
          ? harness.backend.editTurn(sid, tid, { text: `edited ${amount}` })
          : harness.backend.withdrawTurn(sid, tid));
        break;
      case 6: {
        const sink = harness.open(sid);
        sink.room = 1 + (amount % 4);
        sinks.push({ sid, sink });
        break;
      }
      case 7:
        for (const { sink } of sinks) {
          sink.room = 1 + (amount % 5);
          sink.subscription.onDrain();
        }
        break;
      case 8:
        life.isFull = amount % 3 === 0;
        break;
      case 9:
        if (amount % 4 === 0) {
          sinks = [];
          life.isFull = false;
          harness = await begin();
        } else if (run !== undefined) {
          over.add(run);
          run.crash(new Error("crash"));
        }
        break;
      default:
        await harness.clock.advance(amount * 2);
    }
    if (amount % 3 === 0) await harness.clock.advance(amount);
  }
  // The faults stop, what runs is finished, and everybody reads to the end.
  life.isFull = false;
  for (let round = 0; round < sent + 3; round += 1) {
    await harness.clock.advance(12_000);
    for (const run of harness.puppet.runs) run.finish();
  }
  await harness.clock.advance(12_000);
  for (const { sink } of sinks) {
    sink.room = Infinity;
    sink.subscription.onDrain();
  }
  await harness.clock.advance(1_000);
  expect(lateEvents).toEqual([]);
  for (const sid of SESSIONS) await checkSession(harness, sid, sinks);
}

/** Tools and questions, in any order, ended and answered or not. */
function useTool(run: PuppetRun | undefined, amount: number): void {
  const part = `tool${amount % 2}`;
  if (amount % 4 === 0) run?.say({ type: "tool-started", part, name: "look" });
  else if (amount % 4 === 1) run?.say({ type: "tool-output", part, delta: "seen" });
  else if (amount % 4 === 2) run?.say({ type: "tool-ended", part, status: "complete" });
  else {
    const options = [{ id: "yes", label: "Yes", kind: "allow" }];
    const question = { id: "q", prompt: "May I?", options, ...(amount > 6 ? { expiresInMs: 500 } : {}) };
    run?.request.ask(question).catch(() => undefined);
  }
}

/** Looks at what is committed, as it is committed: later merging would hide a delta that came after the end of its turn. */
function watchEnds(ends: Set<string>, write: StoreWrite): void {
  if (write.kind !== "append") return;
  for (const event of write.rows.flatMap((row) => frameOf(row.data).events)) {
    if (event.type === "unknown" || !("turn" in event)) continue;
    const key = `${write.record.summary.id} ${event.turn}`;
    if (ends.has(key)) lateEvents.push(`${event.type} of ${key} after its end`);
    if (event.type === "turn-ended" || event.type === "turn-withdrawn") ends.add(key);
  }
}

async function checkSession(
  harness: Harness,
  sid: (typeof SESSIONS)[number],
  sinks: readonly { sid: unknown; sink: Sink }[],
): Promise<void> {
  const snapshot = await harness.snapshot(sid);
  // Every turn ends; that it does once, and that nothing follows, is watched at the commits.
  for (const turn of snapshot.turns) {
    expect(turn.status).toBe("ended");
    const text = turn.parts.find((part) => part.type === "text")?.text ?? "";
    expect(turn.parts.filter((part) => part.status === "running")).toEqual([]);
    expect((turn.approvals ?? []).filter((approval) => approval.resolved === undefined)).toEqual([]);
    expect((saidBy.get(turn.id) ?? "").startsWith(text)).toBe(true);
    if (turn.outcome === "complete") expect(text).toBe(saidBy.get(turn.id) ?? "");
  }
  const page = await harness.must(harness.backend.events(sid, { after: undefined, limit: 10_000 }));
  // Every reader that is still there has the log: no hole, no overlap, nothing else.
  const texts = textsOf(foldReading(page.frames as never));
  for (const { sid: read, sink } of sinks) {
    if (read !== sid || sink.hasEnded) continue;
    expect(textsOf(foldReading(sink.frames()))).toEqual(texts);
  }
  expect(snapshot.session).toMatchObject({ running: 0, queued: 0 });
  expect(["idle", "failed"]).toContain(snapshot.session.status);
}

test("whatever is sent, stopped, steered, lost, refused and restarted: every turn ends once and every reader has the log", async () => {
  const step = fc.tuple(fc.nat(11), fc.nat(1), fc.nat(12));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), fc.constantFrom(0, 3, 25), walk),
    { numRuns: Number(process.env["WALKS"] ?? 60) },
  );
}, 120_000);
