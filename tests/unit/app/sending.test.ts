import { expect, test } from "vitest";
import { MAX_TEXT_CHARS } from "../../../src/protocol/limits.ts";
import type { SendTurn } from "../../../src/protocol/requests.ts";
import { sessionId, sessionView, summary, turnId, turnState } from "../state/samples.ts";
import { createFakeWorld, type FakeWorld } from "./fakes.ts";

const SID = sessionId(1);

/** A world with one session, which is open. */
async function inSession(...turns: Parameters<typeof sessionView>[1]): Promise<FakeWorld> {
  const world = createFakeWorld((before) => {
    before.listed.set(SID, summary(1));
    before.listed.set(sessionId(2), summary(2));
    before.views.set(SID, sessionView(1, turns));
    before.path = `/s/${SID}`;
  });
  world.app.start();
  await world.settle();
  return world;
}

/** Sends it, and the server takes it before its stream tells of it. */
function sendAccepted(world: FakeWorld, text: string): SendTurn {
  world.app.actions.setDraft(text);
  world.app.actions.send("queue");
  const [entry] = world.entries.splice(0);
  if (entry?.kind !== "send") throw new Error("nothing sent");
  world.hooks.onAccepted?.(SID, entry.body);
  return entry.body;
}

test("the first message makes the session, then sends, and the address follows at once", async () => {
  const world = createFakeWorld();
  world.app.start();
  await world.settle();
  world.calls.length = 0;
  world.app.actions.setDraft("  \nHow are you?\nmore");
  world.app.actions.send("queue");
  const sid = world.entries[0]?.session;
  expect(world.entries.map((entry) => entry.kind)).toEqual(["create", "send"]);
  expect(world.entries.every((entry) => entry.session === sid)).toBe(true);
  expect(world.calls.slice(0, 4)).toEqual([
    `begin ${sid} How are you?`,
    `outbox create ${sid}`,
    `outbox send ${sid}`,
    `push /s/${sid}`,
  ]);
  expect(world.app.state.list.rows.value.map((row) => row.title)).toEqual(["How are you?"]);
  expect(world.app.state.draft.text.value).toBe("");
});

test("the draft is kept until the outbox has the message", async () => {
  const world = await inSession();
  world.app.actions.setDraft("precious");
  world.app.actions.send("queue");
  expect(world.drafts.get(SID)).toBe("precious");
  await world.settle();
  expect(world.drafts.get(SID)).toBe("");
});

test("what is being sent does not come back into the composer by a disk that answers late", async () => {
  const world = await inSession();
  world.app.actions.openSession(sessionId(2));
  // The disk is asked for the draft of an empty composer, and a message is written and sent before it answers.
  world.app.actions.openSession(SID);
  world.app.actions.setDraft("sent already");
  world.app.actions.send("queue");
  await Promise.resolve();
  await Promise.resolve();
  expect(world.app.state.draft.text.value).toBe("");
  await world.settle();
  expect(world.app.state.draft.text.value).toBe("");
});

test("what is being sent does not come back into the composer by a switch there and back", async () => {
  const world = await inSession();
  world.app.actions.setDraft("sent already");
  world.app.actions.send("queue");
  world.app.actions.openSession(sessionId(2));
  world.app.actions.openSession(SID);
  expect(world.app.state.draft.text.value).toBe("");
  await world.settle();
  expect(world.app.state.draft.text.value).toBe("");
  expect(world.drafts.get(SID)).toBe("");
});

test("what is typed while a message is being kept stays, be it the same words", async () => {
  const world = await inSession();
  world.app.actions.setDraft("yes");
  world.app.actions.send("queue");
  world.app.actions.setDraft("yes");
  await world.settle();
  expect(world.drafts.get(SID)).toBe("yes");
});

test("a message into a session that waits to be deleted takes the deletion back", async () => {
  const world = await inSession();
  world.app.actions.deleteSession(SID);
  world.goBack(`/s/${SID}`);
  world.app.actions.setDraft("wait");
  world.app.actions.send("queue");
  await world.settle();
  expect(world.entries.map((entry) => entry.kind)).toEqual(["send"]);
  expect(world.app.state.shell.undo.value).toBeUndefined();
});

test("a message that can't be kept goes back into the composer it was written in", async () => {
  const world = await inSession();
  world.isOutboxBroken = true;
  world.app.actions.setDraft("precious");
  world.app.actions.send("queue");
  await world.settle();
  expect(world.app.state.draft.text.value).toBe("precious");
  expect(world.app.state.shell.toast.value).toContain("could not be kept");
});

test("it goes back beside what was typed there meanwhile", async () => {
  const world = await inSession();
  world.isOutboxBroken = true;
  world.app.actions.setDraft("precious");
  world.app.actions.send("queue");
  world.app.actions.setDraft("and more");
  await world.settle();
  expect(world.app.state.draft.text.value).toContain("precious");
  expect(world.app.state.draft.text.value).toContain("and more");
  expect(world.drafts.get(SID)).toBe(world.app.state.draft.text.value);
});

test("it goes back to its own session, not to the one that is open by then", async () => {
  const world = await inSession();
  world.isOutboxBroken = true;
  world.app.actions.setDraft("precious");
  world.app.actions.send("queue");
  world.app.actions.openSession(sessionId(2));
  await world.settle();
  expect(world.app.state.draft.text.value).toBe("");
  expect(world.drafts.get(SID)).toBe("precious");
});

test("nothing but blanks is not sent; more than 1 MiB is refused in words and stays", async () => {
  const world = await inSession();
  world.app.actions.setDraft(" \n ");
  world.app.actions.send("queue");
  world.app.actions.setDraft("x".repeat(MAX_TEXT_CHARS + 1));
  world.app.actions.send("queue");
  expect(world.entries).toEqual([]);
  expect(world.app.state.draft.complaint.value).toContain("Shorten it");
  expect(world.app.state.draft.text.value).toHaveLength(MAX_TEXT_CHARS + 1);
});

test("steering names the turn that runs at the press, never one beside", async () => {
  const world = await inSession(turnState(1), turnState(2, { mode: "parallel" }));
  world.app.actions.setDraft("rather this");
  world.app.actions.send("steer");
  expect(world.entries[0]).toMatchObject({ body: { mode: "steer", steers: turnId(1) } });
});

test("stop names its turn", async () => {
  const world = await inSession(turnState(1));
  await world.app.actions.stop(turnId(1));
  expect(world.calls).toContain(`stopTurn "${SID}" "${turnId(1)}"`);
});

test("retry replaces, continue goes on without words of its own", async () => {
  const world = await inSession(turnState(1, { status: "ended", outcome: "failed" }));
  const turn = world.app.state.conversation.rows.value[0]?.slots[0]?.alternatives[0];
  if (turn === undefined) throw new Error("nothing shown");
  world.app.actions.retry(turn);
  world.app.actions.continueTurn(turn);
  expect(world.entries).toMatchObject([
    { body: { replaces: turnId(1), text: "question 1" } },
    { body: { continues: turnId(1), text: "" } },
  ]);
});

test("an accepted message stays in sight until the stream brings it", async () => {
  const world = await inSession();
  const body = sendAccepted(world, "hello");
  world.outboxChanged();
  world.frame();
  expect(world.app.state.conversation.rows.value).toHaveLength(1);
  const known = turnState(1, { id: body.id, status: "queued" });
  world.views.set(SID, sessionView(1, [known]));
  world.emit({ kind: "conversation", session: SID });
  world.frame();
  expect(world.app.state.conversation.rows.value[0]?.slots[0]?.alternatives[0]?.delivery.kind).toBe(
    "accepted",
  );
  // Withdrawn: it must not come back.
  world.views.set(SID, sessionView(1, []));
  world.emit({ kind: "conversation", session: SID });
  world.frame();
  expect(world.app.state.conversation.rows.value).toEqual([]);
});

test("an accepted message that another tab withdrew before the stream told of it does not haunt the page", async () => {
  const world = await inSession();
  sendAccepted(world, "never mind");
  world.frame();
  expect(world.app.state.conversation.rows.value).toHaveLength(1);
  // Caught up with a log that does not hold it any more.
  const connection = { kind: "live", sinceMs: 9_000 } as const;
  world.views.set(SID, sessionView(1, [], { connection }));
  world.emit({ kind: "connection", session: SID });
  world.frame();
  expect(world.app.state.conversation.rows.value).toEqual([]);
});

test("nor when the clock was set back between the two", async () => {
  const world = await inSession();
  const connection = { kind: "live", sinceMs: 9_000 } as const;
  world.views.set(SID, sessionView(1, [], { connection }));
  world.pass(60_000);
  sendAccepted(world, "never mind");
  world.frame();
  expect(world.app.state.conversation.rows.value).toHaveLength(1);
  world.views.set(SID, sessionView(1, [], { connection: { kind: "live", sinceMs: 4_000 } }));
  world.emit({ kind: "connection", session: SID });
  world.frame();
  expect(world.app.state.conversation.rows.value).toEqual([]);
});

test("sent again, a message that stands before what is loaded is no new one for good", async () => {
  const world = await inSession();
  const connection = { kind: "live", sinceMs: 9_000 } as const;
  world.views.set(SID, sessionView(1, [], { connection }));
  sendAccepted(world, "long ago");
  world.frame();
  world.pass(200_000);
  world.frame();
  expect(world.app.state.conversation.rows.value).toHaveLength(1);
  world.pass(11_000);
  world.frame();
  expect(world.app.state.conversation.rows.value).toEqual([]);
});

test("nor does one go whose line is away: it may not have come yet", async () => {
  const world = await inSession();
  const live = { kind: "live", sinceMs: 9_000 } as const;
  world.views.set(SID, sessionView(1, [], { connection: live }));
  sendAccepted(world, "hello");
  world.views.set(
    SID,
    sessionView(1, [], { connection: { kind: "connecting", sinceMs: 9_500, attempt: 1 } }),
  );
  world.pass(300_000);
  world.frame();
  expect(world.app.state.conversation.rows.value).toHaveLength(1);
});

/** A page that was killed while it sent: its words are in the draft still, and in the outbox, which is read a moment later. */
function killedWhileSending(key: string, writtenAtMs: number, path: string): FakeWorld {
  const world = createFakeWorld((before) => {
    before.listed.set(SID, summary(1));
    before.views.set(SID, sessionView(1, []));
    before.path = path;
    before.drafts.set(key, "sent once");
    before.draftTimesMs.set(key, writtenAtMs);
  });
  world.app.start();
  const body = { id: turnId(9), text: "sent once", mode: "queue" } as const;
  world.entries.push({ id: "entry-1", session: SID, createdAtMs: 500, kind: "send", body });
  world.outboxChanged();
  return world;
}

test("what a killed page was sending is not in the composer of the next one, where it would be sent twice", async () => {
  const world = killedWhileSending(SID, 400, `/s/${SID}`);
  await world.settle();
  expect(world.app.state.draft.text.value).toBe("");
  expect(world.drafts.get(SID)).toBe("");
});

test("nor is the first message of a session that the server does not know yet", async () => {
  const world = killedWhileSending("new", 400, "/");
  world.entries.unshift({ id: "entry-0", session: SID, createdAtMs: 500, kind: "create", body: {} });
  world.outboxChanged();
  await world.settle();
  expect(world.app.state.draft.text.value).toBe("");
  expect(world.drafts.get("new")).toBe("");
});

test("the same words, written once more after they were sent, are a draft", async () => {
  const world = killedWhileSending(SID, 600, `/s/${SID}`);
  await world.settle();
  expect(world.app.state.draft.text.value).toBe("sent once");
  expect(world.drafts.get(SID)).toBe("sent once");
});

test("the words of a draft that another session was sent are a draft", async () => {
  const world = killedWhileSending("new", 400, "/");
  await world.settle();
  expect(world.app.state.draft.text.value).toBe("sent once");
});

test("taking a waiting message back adds it to what was typed meanwhile", async () => {
  const world = await inSession();
  world.app.actions.setDraft("first");
  world.app.actions.send("queue");
  await world.settle();
  world.app.actions.setDraft("second");
  await world.app.actions.takeBack(world.entries[0]?.id ?? "");
  expect(world.app.state.draft.text.value).toBe("second\n\nfirst");
});

test("what is taken back is kept as a draft before it leaves the outbox", async () => {
  const world = await inSession();
  world.app.actions.setDraft("first");
  world.app.actions.send("queue");
  await world.settle();
  world.app.actions.setDraft("second");
  world.calls.length = 0;
  const taken = world.app.actions.takeBack(world.entries[0]?.id ?? "");
  // The disk may hang from here on, and the page may be killed.
  expect(world.drafts.get(SID)).toBe("second\n\nfirst");
  expect(world.calls).toEqual(["flush drafts"]);
  await taken;
  expect(world.app.state.draft.text.value).toBe("second\n\nfirst");
});

test("what has left by the time it is taken back is in no draft", async () => {
  const world = await inSession();
  world.app.actions.setDraft("first");
  world.app.actions.send("queue");
  await world.settle();
  world.isOutboxLeaving = true;
  await world.app.actions.takeBack(world.entries[0]?.id ?? "");
  expect(world.drafts.get(SID)).toBe("");
  world.app.actions.setDraft("second");
  const taken = world.app.actions.takeBack(world.entries[0]?.id ?? "");
  // Even where the draft was shown meanwhile.
  world.app.actions.openSession(sessionId(2));
  world.app.actions.openSession(SID);
  await taken;
  expect(world.drafts.get(SID)).toBe("second");
  expect(world.app.state.draft.text.value).toBe("second");
  expect(world.app.state.shell.toast.value).toBe("That message is on its way already.");
});

test("what is being taken back is not shown before it has left the outbox, or it could be sent twice", async () => {
  const world = await inSession();
  world.app.actions.setDraft("first");
  world.app.actions.send("queue");
  await world.settle();
  world.app.actions.setDraft("second");
  const taken = world.app.actions.takeBack(world.entries[0]?.id ?? "");
  world.app.actions.openSession(sessionId(2));
  world.app.actions.openSession(SID);
  expect(world.app.state.draft.text.value).toBe("second");
  await taken;
  expect(world.app.state.draft.text.value).toBe("second\n\nfirst");
  expect(world.drafts.get(SID)).toBe("second\n\nfirst");
});

test("what is taken back into an empty composer joins what another tab keeps as its draft", async () => {
  const world = await inSession();
  world.app.actions.setDraft("first");
  world.app.actions.send("queue");
  await world.settle();
  world.drafts.set(SID, "written in another tab");
  await world.app.actions.takeBack(world.entries[0]?.id ?? "");
  expect(world.drafts.get(SID)).toBe("written in another tab\n\nfirst");
  expect(world.app.state.draft.text.value).toBe("written in another tab\n\nfirst");
});

test("what is typed while a message is being taken back stays beside it", async () => {
  const world = await inSession();
  world.app.actions.setDraft("first");
  world.app.actions.send("queue");
  await world.settle();
  const taken = world.app.actions.takeBack(world.entries[0]?.id ?? "");
  world.app.actions.setDraft("second");
  await taken;
  expect(world.app.state.draft.text.value).toBe("second\n\nfirst");
  expect(world.drafts.get(SID)).toBe("second\n\nfirst");
});

test("what is sent while another message is being taken back does not come back with it", async () => {
  const world = await inSession();
  world.app.actions.setDraft("first");
  world.app.actions.send("queue");
  await world.settle();
  world.app.actions.setDraft("second");
  const taken = world.app.actions.takeBack(world.entries[0]?.id ?? "");
  world.app.actions.send("queue");
  await taken;
  await world.settle();
  expect(world.app.state.draft.text.value).toBe("first");
  expect(world.drafts.get(SID)).toBe("first");
});

test("what the server refuses of an action is said in words", async () => {
  const world = await inSession(turnState(1));
  world.answers.set("stopTurn", { ok: false, error: { kind: "unreachable", message: "No answer." } });
  await world.app.actions.stop(turnId(1));
  expect(world.app.state.shell.toast.value).toBe("The answer was not stopped. No answer.");
});

test("a send that the server took wakes a stream that waits to try again", async () => {
  const world = await inSession();
  world.calls.length = 0;
  world.hooks.onAccepted?.(SID, { id: turnId(9), text: "hello", mode: "queue" });
  expect(world.calls).toContain(`retry-now ${SID}`);
});

test("what is sent from this page is counted, a retry in place of an older answer is not", async () => {
  const world = await inSession(turnState(1, { status: "ended", outcome: "stopped" }));
  const { sends } = world.app.state.conversation;
  const turn = world.app.state.conversation.rows.value[0]?.slots[0]?.alternatives[0];
  if (turn === undefined) throw new Error("no turn");
  world.app.actions.setDraft("a message");
  world.app.actions.send("queue");
  expect(sends.value).toBe(1);
  world.app.actions.continueTurn(turn);
  expect(sends.value).toBe(2);
  world.app.actions.retry(turn);
  expect(sends.value).toBe(2);
});
