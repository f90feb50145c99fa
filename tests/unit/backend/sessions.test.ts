import { expect, test } from "vitest";
import { createMemoryStore } from "../../../src/backend/memory-store.ts";
import { StoreFullError } from "../../../src/backend/ports.ts";
import type { PageStart, WireSnapshot } from "../../../src/protocol/snapshot.ts";
import { createHarness, foldReading, textsOf, type Harness } from "../../support/backend-harness.ts";
import { agentId, approvalId, sessionId, turnId } from "../../support/wire-samples.ts";

const sid = sessionId();
const [t1, t2, t3] = [turnId(1), turnId(2), turnId(3)];

async function started(): Promise<Harness> {
  const harness = await createHarness();
  await harness.must(harness.backend.createSession(sid, {}));
  return harness;
}

test("creating is idempotent, also when asked twice at once", async () => {
  const harness = await createHarness();
  const both = await harness.wait(
    Promise.all([1, 2].map(() => harness.backend.createSession(sid, { title: "Mine" }))),
  );
  expect(both.map((answer) => answer.ok && answer.value.created)).toEqual([true, false]);
  expect(await harness.must(harness.backend.createSession(sid, { title: "Other" }))).toMatchObject({
    created: false,
    session: { title: "Mine" },
  });
});

test("sessions are listed by newest activity, paged, and the version moves with the list only", async () => {
  const harness = await createHarness();
  for (const number of [1, 2, 3]) {
    await harness.must(harness.backend.createSession(sessionId(number), {}));
    await harness.clock.advance(100);
  }
  await harness.send(sessionId(1), t1, "one");
  const first = harness.backend.listSessions({ limit: 2 });
  expect(first.sessions.map((session) => session.id)).toEqual([sessionId(1), sessionId(3)]);
  expect(first.hasMore).toBe(true);
  const second = harness.backend.listSessions({ limit: 2, before: sessionId(3) });
  expect(second.sessions.map((session) => session.id)).toEqual([sessionId(2)]);
  expect(second.hasMore).toBe(false);
  harness.puppet.last().text("a delta");
  await harness.clock.advance(50);
  expect(harness.backend.listSessions({}).version).toBe(first.version);
  harness.puppet.last().finish();
  await harness.clock.advance(50);
  expect(harness.backend.listSessions({}).version).not.toBe(first.version);
});

test("the first message titles the session without moving its activity, and a title by hand wins", async () => {
  const harness = await started();
  await harness.clock.advance(1_000);
  await harness.send(sid, t1, `  \n${"words and ".repeat(20)}`);
  const auto = (await harness.snapshot(sid)).session;
  expect(auto.title).toMatch(/^words and .*…$/);
  expect(auto.title.length).toBeLessThanOrEqual(60);
  const { updatedAt } = auto;
  await harness.clock.advance(1_000);
  expect(
    await harness.must(harness.backend.updateSession(sid, { title: "By hand", pinned: true })),
  ).toMatchObject({
    title: "By hand",
    pinned: true,
    updatedAt,
  });
  const other = sessionId(2);
  await harness.must(harness.backend.createSession(other, {}));
  await harness.must(harness.backend.updateSession(other, { title: "Untitled" }));
  await harness.send(other, t1, "hello");
  expect((await harness.snapshot(other)).session.title).toBe("Untitled");
});

test("a new agent counts for later turns only", async () => {
  const harness = await started();
  await harness.send(sid, t1, "one");
  await harness.send(sid, t2, "two");
  await harness.must(harness.backend.updateSession(sid, { agent: agentId("demo") }));
  await harness.send(sid, t3, "three");
  expect((await harness.snapshot(sid)).turns.map((turn) => turn.agent)).toEqual(["puppet", "puppet", "demo"]);
});

test("deletion stops the turns, ends the streams, and leaves a tombstone that nothing passes", async () => {
  const harness = await started();
  await harness.send(sid, t1, "one");
  const run = harness.puppet.last();
  const sink = harness.open(sid);
  await harness.clock.advance(10);
  await harness.must(harness.backend.deleteSession(sid));
  expect(sink.control("bye")).toEqual([{ reason: "deleted" }]);
  expect(run.isStopped()).toBe(true);
  run.text("late");
  run.finish();
  await harness.clock.advance(100);
  expect(harness.store.disk.logs.size).toBe(0);
  const again = await harness.restart();
  for (const life of [harness, again]) {
    const { backend } = life;
    const answers = [
      backend.createSession(sid, {}),
      backend.updateSession(sid, { title: "x" }),
      backend.deleteSession(sid),
      backend.snapshot(sid, {}),
      backend.events(sid, { after: undefined }),
      backend.sendTurn(sid, { id: t2, text: "x", mode: "queue" }),
      backend.stopTurn(sid, t1),
      backend.resolveApproval(sid, approvalId(), { option: "x" }),
    ];
    for (const answer of answers) expect((await life.refused(answer)).code).toBe("session-deleted");
  }
});

test("a send under way while the session is deleted does not bring it back", async () => {
  const harness = await started();
  const sent = harness.backend.sendTurn(sid, { id: t1, text: "x", mode: "queue" });
  const deleted = harness.backend.deleteSession(sid);
  const late = harness.backend.sendTurn(sid, { id: t2, text: "y", mode: "queue" });
  await harness.clock.advance(200);
  expect([(await sent).ok, (await deleted).ok, (await late).ok]).toEqual([true, true, false]);
  expect(harness.backend.listSessions({}).sessions).toEqual([]);
  expect(harness.warnings).toEqual([]);
});

test("after a crash running turns end as interrupted, open questions are closed, and queued turns go on", async () => {
  const harness = await started();
  await harness.send(sid, t1, "one");
  await harness.send(sid, t2, "two");
  harness.puppet.last().text("partial");
  const options = [{ id: "yes", label: "Yes", kind: "allow" }];
  harness.puppet
    .last()
    .request.ask({ id: "q", prompt: "May I?", options })
    .catch(() => undefined);
  await harness.clock.advance(50);
  const next = await harness.restart();
  await next.clock.advance(100);
  const { turns, session } = await next.snapshot(sid);
  expect(turns.map((turn) => turn.outcome ?? turn.status)).toEqual(["interrupted", "running"]);
  expect(turns[0]?.parts[0]?.text).toBe("partial");
  expect(turns[0]?.approvals?.[0]?.resolved?.by).toBe("stopped");
  expect([session.status, session.running, session.queued]).toEqual(["running", 1, 0]);
  expect(next.puppet.last().request.text).toBe("two");
});

test("seq goes on over a restart, and a cursor from before still fits", async () => {
  const harness = await started();
  await harness.send(sid, t1, "one");
  harness.puppet.last().text("a");
  await harness.clock.advance(20);
  const { cursor } = await harness.snapshot(sid);
  const next = await harness.restart();
  const sink = next.open(sid, { after: cursor });
  await next.wait(sink.subscription.delivered());
  expect(sink.names()).toEqual(["hello", "log", "caught-up"]);
  expect(sink.frames()[0]?.from).toBe(Number(cursor.split(".")[1]) + 1);
});

test("a planned end says bye, ends running turns as interrupted, leaves queued ones, and closes the store", async () => {
  const harness = await started();
  await harness.send(sid, t1, "one");
  await harness.send(sid, t2, "two");
  const sink = harness.open(sid);
  harness.puppet.last().text("partial");
  await harness.wait(harness.backend.drain(700));
  expect(sink.control("bye")).toEqual([{ reason: "draining", retryMs: 700 }]);
  expect(sink.hasEnded).toBe(true);
  const refusal = await harness.refused(harness.backend.sendTurn(sid, { id: t3, text: "x", mode: "queue" }));
  expect([refusal.code, refusal.retryMs]).toEqual(["draining", 700]);
  expect(harness.open(sid).control("bye")).toEqual([{ reason: "draining", retryMs: 700 }]);
  await expect(harness.store.commit([])).rejects.toThrow("closed");
  const next = await harness.restart();
  await next.clock.advance(100);
  expect((await next.snapshot(sid)).turns.map((turn) => turn.outcome ?? turn.status)).toEqual([
    "interrupted",
    "running",
  ]);
  expect((await next.snapshot(sid)).turns[0]?.parts[0]?.text).toBe("partial");
});

test("when the store is full running turns fail as soon as something can be written, and readers are told until then", async () => {
  let isFull = false;
  const harness = await createHarness(
    {},
    { failCommit: () => (isFull ? new StoreFullError("full") : undefined) },
  );
  await harness.must(harness.backend.createSession(sid, {}));
  await harness.send(sid, t1, "one");
  await harness.send(sid, t2, "two");
  harness.puppet.last().text("kept");
  const sink = harness.open(sid);
  await harness.clock.advance(50);
  isFull = true;
  harness.puppet.last().text(" lost");
  await harness.clock.advance(20);
  const run = harness.puppet.last();
  expect(run.isStopped()).toBe(true);
  run.text("ignored");
  expect(sink.control("notice")[0]).toMatchObject({ code: "storage-full" });
  const late = harness.open(sid);
  expect(late.control("notice")[0]).toMatchObject({ code: "storage-full" });
  expect(
    (await harness.refused(harness.backend.sendTurn(sid, { id: t3, text: "x", mode: "queue" }))).code,
  ).toBe("storage-full");
  await harness.clock.advance(20_000);
  isFull = false;
  await harness.clock.advance(20_000);
  const { turns } = await harness.snapshot(sid);
  expect(turns.map((turn) => turn.outcome ?? turn.status)).toEqual(["failed", "running"]);
  expect(turns[0]).toMatchObject({ error: { code: "storage-full" }, parts: [{ text: "kept" }] });
  expect(sink.control("notice").at(-1)).toMatchObject({ code: "storage-ok" });
  expect(Object.values(textsOf(foldReading(sink.frames())))).toEqual(["kept"]);
  // The operator is told once, however often it was tried.
  expect(harness.warnings).toEqual([
    "The store is full; running turns end as failed.",
    "The store can be written again.",
  ]);
});

test("a turn whose start could not be written is still queued, and starts when it can be", async () => {
  let failures = 0;
  const harness = await createHarness(
    {},
    {
      failCommit: (writes) => {
        const isStart = writes.some(
          (write) => write.kind === "append" && write.rows.some((row) => row.data.includes("turn-started")),
        );
        return isStart && (failures += 1) <= 3 ? new StoreFullError("full") : undefined;
      },
    },
  );
  await harness.must(harness.backend.createSession(sid, {}));
  await harness.send(sid, t1, "one");
  expect((await harness.snapshot(sid)).turns[0]?.status).toBe("queued");
  await harness.clock.advance(5_000);
  expect((await harness.snapshot(sid)).turns[0]?.status).toBe("running");
  expect(harness.puppet.runs).toHaveLength(1);
});

test("a failed commit of one session's run leaves no hole in any log", async () => {
  let fail = 0;
  const harness = await createHarness(
    {},
    { failCommit: () => ((fail -= 1) === 0 ? new Error("I/O error") : undefined) },
  );
  const other = sessionId(2);
  for (const id of [sid, other]) {
    await harness.must(harness.backend.createSession(id, {}));
    await harness.send(id, t1, "one");
  }
  harness.puppet.runs[0]?.text("a");
  harness.puppet.runs[1]?.text("b");
  await harness.clock.advance(20);
  fail = 1;
  harness.puppet.runs[0]?.text("A");
  await harness.clock.advance(20);
  harness.puppet.runs[1]?.text("B");
  harness.puppet.runs[1]?.finish();
  await harness.clock.advance(1_000);
  const texts = async (id: typeof sid) =>
    (await harness.snapshot(id)).turns.map((turn) => [turn.outcome, turn.parts[0]?.text]);
  expect(await texts(sid)).toEqual([["failed", "a"]]);
  expect(await texts(other)).toEqual([["complete", "bB"]]);
});

test("too many sessions are refused in words", async () => {
  const harness = await createHarness({ maxSessions: 1 });
  await harness.must(harness.backend.createSession(sid, {}));
  expect((await harness.refused(harness.backend.createSession(sessionId(2), {}))).code).toBe(
    "too-many-sessions",
  );
});

test("pages of a snapshot are contiguous and reach back to the first unfinished turn", async () => {
  const harness = await started();
  for (let number = 1; number <= 6; number += 1) {
    await harness.send(sid, turnId(number), `m${number}`, { mode: "parallel" });
    if (number !== 2) harness.puppet.last().finish();
    await harness.clock.advance(30);
  }
  const newest = await harness.must(harness.backend.snapshot(sid, { turns: 2 }));
  expect(newest.turns.map((turn) => turn.text)).toEqual(["m2", "m3", "m4", "m5", "m6"]);
  expect(newest.hasMore).toBe(true);
  const before = await harness.must(harness.backend.snapshot(sid, { turns: 2, before: t2 }));
  expect([before.turns.map((turn) => turn.text), before.hasMore]).toEqual([["m1"], false]);
  expect((await harness.refused(harness.backend.snapshot(sid, { before: turnId(99) }))).code).toBe(
    "turn-not-found",
  );
});

test("many loaded sessions are forgotten and read again without a difference", async () => {
  const harness = await createHarness();
  for (let number = 1; number <= 40; number += 1) {
    const id = sessionId(number);
    await harness.must(harness.backend.createSession(id, {}));
    await harness.send(id, turnId(1), `m${number}`);
    harness.puppet.last().text(`answer ${number}`);
    harness.puppet.last().finish();
    await harness.clock.advance(20);
  }
  for (let number = 1; number <= 40; number += 1) {
    expect((await harness.snapshot(sessionId(number))).turns[0]?.parts[0]?.text).toBe(`answer ${number}`);
  }
});

test("what a turn says while its commit is failing is not written after its end", async () => {
  let fail = false;
  const harness = await createHarness(
    { groupCommitMs: 5 },
    { latencyMs: 30, failCommit: () => (fail ? new StoreFullError("full") : undefined) },
  );
  await harness.must(harness.backend.createSession(sid, {}));
  await harness.send(sid, t1, "one");
  await harness.clock.advance(200);
  harness.puppet.last().text("a");
  await harness.clock.advance(10);
  // In flight, and about to fail: what comes now waits for the next commit, which succeeds.
  fail = true;
  harness.puppet.last().text("b");
  await harness.clock.advance(27);
  fail = false;
  await harness.clock.advance(2_000);
  const page = await harness.must(harness.backend.events(sid, { after: undefined }));
  const types = page.frames.flatMap((frame) => frame.events as { type: string }[]).map((event) => event.type);
  expect(types.at(-1)).toBe("turn-ended");
  expect(types).not.toContain("text-delta");
});

test("a session whose log can't be read is listed as failed, and keeps its open turns for a later start", async () => {
  const harness = await createHarness();
  await harness.must(harness.backend.createSession(sid, {}));
  await harness.send(sid, t1, "one");
  await harness.send(sid, t2, "two");
  const broken = createMemoryStore({ disk: harness.store.disk, clock: harness.clock });
  const next = await createHarness(
    { store: { ...broken, read: () => Promise.reject(new Error("damaged page")) } },
    {},
    harness.clock,
  );
  const row = { status: "failed", running: 0, queued: 0 };
  expect(next.backend.listSessions({}).sessions).toMatchObject([row]);
  // What can be done without its log moves neither the row nor what is owed to the turns.
  await next.must(next.backend.updateSession(sid, { pinned: true }));
  expect(next.backend.listSessions({}).sessions).toMatchObject([{ ...row, pinned: true }]);

  const mended = await harness.restart();
  await mended.clock.advance(100);
  const { turns, session } = await mended.snapshot(sid);
  expect(turns.map((turn) => turn.outcome ?? turn.status)).toEqual(["interrupted", "running"]);
  expect(session).toMatchObject({ status: "running", pinned: true });
});

test("what is asked for after a planned end is told to come back, not that something went wrong", async () => {
  const first = await started();
  await first.send(sid, t1, "one");
  const harness = await first.restart();
  await harness.wait(harness.backend.drain(700));
  const refused = [
    harness.backend.snapshot(sid, {}),
    harness.backend.events(sid, { after: undefined }),
    harness.backend.createSession(sessionId(2), {}),
    harness.backend.deleteSession(sid),
  ];
  for (const answer of refused) {
    expect(await harness.refused(answer)).toMatchObject({ code: "draining", retryMs: 700 });
  }
});

test("a page of a snapshot ends early where its turns are large, and the pages together are all of them", async () => {
  const harness = await started();
  const file = { name: "p.png", mediaType: "image/png", data: "AAAA".repeat(1_500_000) };
  const sent = [1, 2, 3, 4, 5].map((number) => turnId(number));
  for (const id of sent) {
    await harness.send(sid, id, "look", { attachments: [file] });
    harness.puppet.last().finish();
    await harness.clock.advance(50);
  }
  const read: string[] = [];
  for (let before: (typeof sent)[number] | undefined, more = true; more;) {
    const page = await harness.must(harness.backend.snapshot(sid, { before }));
    expect(page.turns.length).toBeLessThanOrEqual(2);
    read.unshift(...page.turns.map((turn) => turn.id));
    const first = page.turns[0]?.id;
    before = sent.find((id) => id === first);
    more = page.hasMore;
  }
  expect(read).toEqual(sent);
  const forward: string[] = [];
  for (let from: PageStart = "first", more = true; more;) {
    const page: WireSnapshot = await harness.must(harness.backend.snapshot(sid, { from }));
    const ids = page.turns.map((turn) => turn.id);
    expect(ids.length).toBeLessThanOrEqual(2);
    // A page begins with the last turn of the one before.
    forward.push(...ids.slice(from === "first" ? 0 : 1));
    from = sent.find((id) => id === ids.at(-1)) ?? "first";
    more = page.hasLater === true;
  }
  expect(forward).toEqual(sent);
});
