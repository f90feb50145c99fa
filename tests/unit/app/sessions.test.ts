import { expect, test } from "vitest";
import { AGENTS_RETRY_MS, UNDO_DELETE_MS } from "../../../src/app/delays-and-limits.ts";
import type { SessionSummary } from "../../../src/protocol/snapshot.ts";
import type { OutboxEntry } from "../../../src/streaming/ports.ts";
import {
  DEMO,
  partState,
  addPart,
  sessionId,
  sessionView,
  summary,
  turnId,
  turnState,
} from "../state/samples.ts";
import { createFakeWorld, type FakeWorld } from "./fakes.ts";

const [FIRST, SECOND] = [sessionId(1), sessionId(2)];

async function withSessions(fields: Partial<SessionSummary> = {}, path = "/"): Promise<FakeWorld> {
  const world = createFakeWorld((before) => {
    before.listed.set(FIRST, summary(1, fields));
    before.listed.set(SECOND, summary(2));
    before.path = path;
  });
  world.app.start();
  await world.settle();
  return world;
}

const markOf = (world: FakeWorld, sid = FIRST) =>
  world.app.state.list.rows.value.find((row) => row.id === sid)?.mark;

test("each session has its own draft, the new one too, and back finds them", async () => {
  const world = await withSessions();
  world.app.actions.setDraft("for a new one");
  world.app.actions.openSession(FIRST);
  expect(world.app.state.draft.text.value).toBe("");
  world.app.actions.setDraft("for the first");
  world.goBack("/");
  expect(world.app.state.draft.text.value).toBe("for a new one");
  world.app.actions.openSession(FIRST);
  expect(world.app.state.draft.text.value).toBe("for the first");
});

test("an answer that ends elsewhere is unread until its session is opened", async () => {
  const world = await withSessions({ lastEndedAt: 100 });
  expect(markOf(world)).toBe("idle");
  world.listed.set(FIRST, summary(1, { lastEndedAt: 200 }));
  world.listChanged();
  expect(markOf(world)).toBe("unread");
  world.app.actions.openSession(FIRST);
  world.app.actions.openSession(SECOND);
  expect(markOf(world)).toBe("idle");
});

test("what ends in the open session while the page is hidden is unread until it is seen", async () => {
  const world = await withSessions({ lastEndedAt: 100 }, `/s/${FIRST}`);
  world.isHidden = true;
  world.page("hidden");
  world.listed.set(FIRST, summary(1, { lastEndedAt: 300 }));
  world.listChanged();
  expect(markOf(world)).toBe("unread");
  world.isHidden = false;
  world.page("visible");
  expect(markOf(world)).toBe("idle");
});

test("deleting shows the next session at once and can be undone", async () => {
  const world = await withSessions({}, `/s/${SECOND}`);
  world.app.actions.deleteSession(SECOND);
  expect(world.path).toBe(`/s/${FIRST}`);
  expect(world.app.state.list.rows.value.map((row) => row.id)).toEqual([FIRST]);
  expect(world.app.state.shell.undo.value).toEqual({ session: SECOND, title: "Session 2" });
  world.app.actions.undoDelete(SECOND);
  await world.settle();
  expect(world.app.state.list.rows.value.map((row) => row.id)).toEqual([SECOND, FIRST]);
  expect(world.calls).not.toContain(`forget ${SECOND}`);
});

test("a deletion that still waits when the page is loaded anew can be undone for what is left of its time", async () => {
  const world = await withSessions();
  world.entries.push({
    id: "entry-1",
    session: SECOND,
    createdAtMs: 500,
    kind: "delete",
    notBeforeMs: 1_000 + UNDO_DELETE_MS - 500,
  });
  world.outboxChanged();
  const { undo } = world.app.state.shell;
  expect(undo.value).toEqual({ session: SECOND, title: "Session 2" });
  world.pass(UNDO_DELETE_MS - 501);
  expect(undo.value).toBeDefined();
  world.pass(1);
  expect(undo.value).toBeUndefined();
  world.outboxChanged();
  expect(undo.value).toBeUndefined();
});

test("one whose time is over is not offered, and the name comes with the list", async () => {
  const world = await withSessions();
  world.listed.delete(SECOND);
  const waiting = { id: "entry-1", session: SECOND, createdAtMs: 500, kind: "delete" as const };
  world.entries.push({ ...waiting, notBeforeMs: 5_000 });
  world.outboxChanged();
  const { undo } = world.app.state.shell;
  expect(undo.value?.title).toBe("Session");
  world.listed.set(SECOND, summary(2));
  world.listChanged();
  expect(undo.value?.title).toBe("Session 2");

  const late = await withSessions();
  late.entries.push({ ...waiting, notBeforeMs: 900 });
  late.outboxChanged();
  expect(late.app.state.shell.undo.value).toBeUndefined();
});

test("the undo goes after its time; the deletion drops the session and its draft", async () => {
  const world = await withSessions();
  world.drafts.set(FIRST, "left over");
  world.app.actions.deleteSession(FIRST);
  world.pass(UNDO_DELETE_MS);
  expect(world.app.state.shell.undo.value).toBeUndefined();
  world.hooks.onDeleted?.(FIRST);
  await world.settle();
  expect(world.calls.filter((call) => call === `forget ${FIRST}`)).toHaveLength(1);
  expect(world.drafts.has(FIRST)).toBe(false);
});

test("a session deleted elsewhere while it is open says so and gives way to the next", async () => {
  const world = await withSessions({}, `/s/${SECOND}`);
  world.emit({ kind: "gone", session: SECOND });
  expect(world.path).toBe(`/s/${FIRST}`);
  expect(world.app.state.shell.toast.value).toBe("This session was deleted elsewhere.");
});

test("what was being written in a session that is deleted elsewhere is kept where a new one is begun", async () => {
  const world = await withSessions({}, `/s/${SECOND}`);
  world.drafts.set("new", "a plan");
  world.app.actions.setDraft("half a thought");
  world.emit({ kind: "gone", session: SECOND });
  await world.settle();
  expect(world.path).toBe("/");
  expect(world.app.state.draft.text.value).toBe("a plan\n\nhalf a thought");
  expect(world.drafts.get("new")).toBe("a plan\n\nhalf a thought");
  expect(world.drafts.has(SECOND)).toBe(false);
  expect(world.app.state.shell.toast.value).toContain("What you were writing is here.");
});

/** Refused, as its session is gone. */
const orphan = (number: number, text: string): OutboxEntry => ({
  id: String(number),
  session: FIRST,
  createdAtMs: 5,
  kind: "refused",
  body: { id: turnId(number), text, mode: "queue" },
  why: "gone",
  isGone: true,
});

test("what a session that is gone refused waits in the outbox until a new session's composer is in sight", async () => {
  const world = await withSessions({}, `/s/${SECOND}`);
  world.entries.push(orphan(1, "written on the train"), orphan(2, "and on the bus"));
  world.hooks.onGone?.(FIRST, "deleted");
  await world.settle();
  expect(world.path).toBe(`/s/${SECOND}`);
  expect(world.calls).toContain(`forget ${FIRST}`);
  expect(world.app.state.shell.toast.value).toContain("New session");
  expect(world.entries).toHaveLength(2);
  expect(world.drafts.get("new")).toBeUndefined();
  world.isHidden = true;
  world.app.actions.openNewSession();
  await world.settle();
  expect(world.entries).toHaveLength(2);
  world.isHidden = false;
  world.page("visible");
  await world.settle();
  expect(world.entries).toEqual([]);
  expect(world.app.state.draft.text.value).toBe("written on the train\n\nand on the bus");
  expect(world.drafts.get("new")).toBe("written on the train\n\nand on the bus");
});

test("what still waits for a session that is deleted elsewhere is sent once more, to be refused and brought", async () => {
  const world = await withSessions({}, `/s/${SECOND}`);
  world.emit({ kind: "gone", session: FIRST });
  await world.settle();
  expect(world.calls).toContain("outbox resume");
});

test("what is brought there is joined with a draft that only the disk has", async () => {
  const world = await withSessions({}, `/s/${SECOND}`);
  world.drafts.set("new", "a plan");
  world.isDraftOnDiskOnly = true;
  world.entries.push(orphan(1, "written on the train"), orphan(2, "a plan"));
  world.app.actions.openNewSession();
  await world.settle();
  expect(world.drafts.get("new")).toBe("a plan\n\nwritten on the train");
  expect(world.entries).toEqual([]);
});

test("what another tab refused while a new session is looked at stays for whoever looks for it", async () => {
  const world = await withSessions({}, "/");
  world.entries.push(orphan(1, "written on the train"));
  world.outboxChanged();
  await world.settle();
  expect(world.entries).toHaveLength(1);
});

test("what waited for a session that is gone is kept before it leaves the outbox", async () => {
  const world = await withSessions({}, "/");
  world.entries.push(orphan(1, "written on the train"));
  let keptAsItLeft: string | undefined;
  const splice = world.entries.splice.bind(world.entries);
  world.entries.splice = (...args: Parameters<typeof splice>) => {
    keptAsItLeft = world.calls.includes("flush drafts") ? world.drafts.get("new") : undefined;
    return splice(...args);
  };
  world.hooks.onGone?.(FIRST, "not-found");
  await world.settle();
  expect(keptAsItLeft).toBe("written on the train");
});

test("a session that another tab of this browser deletes takes its draft with it", async () => {
  const world = await withSessions({}, `/s/${SECOND}`);
  world.entries.push({ id: "1", session: SECOND, createdAtMs: 5, kind: "delete", notBeforeMs: 6 });
  world.outboxChanged();
  world.app.actions.setDraft("half a thought");
  world.entries.length = 0;
  world.outboxChanged();
  world.emit({ kind: "gone", session: SECOND });
  expect(world.path).toBe(`/s/${FIRST}`);
  expect(world.drafts.has("new")).toBe(false);
  expect(world.app.state.shell.toast.value).toBeUndefined();
});

test("a session made before a reload and still in the outbox is listed and begun again", async () => {
  const world = createFakeWorld((before) => {
    before.path = `/s/${FIRST}`;
  });
  world.app.start();
  world.entries.push(
    { id: "1", session: FIRST, createdAtMs: 5, kind: "create", body: { agent: DEMO } },
    {
      id: "2",
      session: FIRST,
      createdAtMs: 6,
      kind: "send",
      body: { id: turnId(1), text: "hello", mode: "queue" },
    },
  );
  world.outboxChanged();
  expect(world.app.state.list.rows.value).toMatchObject([{ title: "hello", mark: "queued" }]);
  expect(world.calls).toContain(`begin ${FIRST} hello`);
  world.entries.length = 0;
  world.outboxChanged();
  expect(world.calls).toContain(`created ${FIRST}`);
});

test("the answer to a renaming does not make the open session run again that its stream has ended", async () => {
  const world = await withSessions({}, `/s/${FIRST}`);
  world.views.set(FIRST, sessionView(1, [turnState(1, { status: "ended", outcome: "complete" })]));
  world.hooks.onUpdated?.(FIRST, summary(1, { title: "Renamed", status: "running", running: 1 }));
  expect(world.listed.get(FIRST)).toMatchObject({ title: "Renamed", status: "idle", running: 0 });
});

test("it is begun again also where the list on disk has its row", async () => {
  const world = await withSessions({}, `/s/${FIRST}`);
  world.entries.push({ id: "1", session: FIRST, createdAtMs: 5, kind: "create", body: { agent: DEMO } });
  world.outboxChanged();
  expect(world.calls.some((call) => call.startsWith(`begin ${FIRST}`))).toBe(true);
});

test("the server's name for a session without words does not replace the one its message gives it", async () => {
  const world = await withSessions();
  world.hooks.onCreated?.(FIRST, summary(1, { title: "Untitled" }));
  expect(world.app.state.list.rows.value.map((row) => row.title)).toContain("Session 1");
});

test("a 401 anywhere pauses everything, asks for the password, and leaves what is written", async () => {
  const world = await withSessions({}, `/s/${FIRST}`);
  world.app.actions.setDraft("half a thought");
  world.answers.set("stopTurn", { ok: false, error: { kind: "signed-out" } });
  await world.app.actions.stop(turnId(1));
  expect(world.calls).toEqual(
    expect.arrayContaining([
      "core signed-out true",
      "poller signed-out true",
      "outbox paused signed-out true",
    ]),
  );
  expect(world.app.state.connection.chip.value.text).toBe("Signed out");
  expect(world.app.state.shell.isSignInOpen.value).toBe(true);
  expect(world.app.state.draft.text.value).toBe("half a thought");
  expect(await world.app.actions.signIn("open sesame")).toBeUndefined();
  expect(world.app.state.shell.isSignInOpen.value).toBe(false);
  expect(world.calls).toContain("core signed-out false");
});

test("a sign-in in another tab is this one's too, as soon as it is looked at", async () => {
  const world = await withSessions();
  world.answers.set("stopTurn", { ok: false, error: { kind: "signed-out" } });
  world.app.actions.openSession(FIRST);
  await world.app.actions.stop(turnId(1));
  expect(world.app.state.connection.isSignedOut.value).toBe(true);
  world.page("visible");
  await world.settle();
  expect(world.app.state.connection.isSignedOut.value).toBe(false);
  expect(world.app.state.shell.isSignInOpen.value).toBe(false);
  expect(world.calls).toEqual(expect.arrayContaining(["core signed-out false", "outbox resume"]));
});

test("an answer of the server from before the sign-out does not sign in again", async () => {
  const world = await withSessions();
  world.page("visible");
  await world.app.actions.signOut(false);
  await world.settle();
  expect(world.app.state.connection.isSignedOut.value).toBe(true);
});

test("two questions that fail side by side go on as one", async () => {
  const world = createFakeWorld((before) => {
    before.answers.set("agents", { ok: false, error: { kind: "unreachable", message: "No answer." } });
  });
  world.app.start();
  world.page("visible");
  world.page("online");
  await world.settle();
  world.calls.length = 0;
  world.pass(AGENTS_RETRY_MS);
  await world.settle();
  expect(world.calls.filter((call) => call === "agents")).toHaveLength(1);
});

test("what another tab has read stays read, there and here", async () => {
  const world = await withSessions({ lastEndedAt: 100 });
  world.listed.set(FIRST, summary(1, { lastEndedAt: 200 }));
  world.listChanged();
  world.kept.set("seen", { baselineMs: 100, seenAtMs: { [FIRST]: 200 } });
  world.page("focus");
  expect(markOf(world)).toBe("idle");
  world.kept.set("seen", { baselineMs: 100, seenAtMs: { [FIRST]: 200, [sessionId(3)]: 300 } });
  world.listed.set(SECOND, summary(2, { lastEndedAt: 250 }));
  world.app.actions.openSession(SECOND);
  expect(world.kept.get("seen")).toEqual({
    baselineMs: 100,
    seenAtMs: { [FIRST]: 200, [SECOND]: 250, [sessionId(3)]: 300 },
  });
});

test("signing out with a wipe removes what is kept, then loads the page anew", async () => {
  const world = await withSessions();
  await world.app.actions.signOut(true);
  expect(world.calls.slice(-2)).toEqual(["wipe", "reload"]);
});

test("a text that grows asks for no new rows; a part that is new does", async () => {
  const world = await withSessions({}, `/s/${FIRST}`);
  const turn = turnState(1);
  world.views.set(FIRST, sessionView(1, [turn]));
  world.emit({ kind: "conversation", session: FIRST });
  world.frame();
  addPart(turn, partState("p", "a"));
  world.emit({ kind: "grown", session: FIRST, turn: turn.id, part: "p" });
  world.frame();
  const rows = world.app.state.conversation.rows.value;
  expect(rows[0]?.slots[0]?.alternatives[0]?.parts).toHaveLength(1);
  world.emit({ kind: "grown", session: FIRST, turn: turn.id, part: "p" });
  world.frame();
  expect(world.app.state.conversation.rows.value).toBe(rows);
});

test("an answer's end is announced once, with its session when that is not the open one", async () => {
  const world = await withSessions({}, `/s/${FIRST}`);
  const ended = turnState(1, { status: "ended", outcome: "complete" });
  world.views.set(FIRST, sessionView(1, [ended]));
  world.views.set(SECOND, sessionView(2, [ended]));
  world.emit({ kind: "ended", session: FIRST, turn: ended.id });
  expect(world.app.state.shell.announcement.value.text).toBe("Answer complete.");
  world.emit({ kind: "ended", session: SECOND, turn: ended.id });
  expect(world.app.state.shell.announcement.value.text).toBe("Answer complete in Session 2.");
});

test("the countdown ticks while it is seen, and only then", async () => {
  const world = await withSessions({}, `/s/${FIRST}`);
  const waiting = { kind: "waiting", retryAtMs: 9_000, attempt: 1 } as const;
  world.views.set(FIRST, sessionView(1, [], { connection: waiting }));
  world.emit({ kind: "connection", session: FIRST });
  expect(world.app.state.connection.chip.value.text).toBe("Reconnecting in 8 s");
  world.pass(1_000);
  expect(world.app.state.connection.chip.value.text).toBe("Reconnecting in 7 s");
  world.isHidden = true;
  world.page("hidden");
  world.pass(1_000);
  world.isHidden = false;
  expect(world.app.state.connection.chip.value.text).toBe("Paused while hidden");
});

test("a hidden or offline page asks the server for nothing (S5); its return does", async () => {
  const world = createFakeWorld((before) => {
    before.isHidden = true;
  });
  world.app.start();
  await world.settle();
  world.page("online");
  await world.settle();
  expect(world.calls).not.toContain("agents");
  world.isHidden = false;
  world.page("visible");
  await world.settle();
  expect(world.calls).toContain("agents");
});

test("a session that was opened before the server had it is opened again once the list shows it", async () => {
  const sid = sessionId(7);
  const world = createFakeWorld((before) => {
    before.path = `/s/${sid}`;
  });
  world.app.start();
  await world.settle();
  const notFound = { kind: "closed", reason: "not-found" } as const;
  world.views.set(sid, sessionView(7, [], { connection: notFound }));
  world.emit({ kind: "connection", session: sid });
  world.listChanged();
  expect(world.calls).not.toContain(`created ${sid}`);
  world.listed.set(sid, summary(7));
  world.listChanged();
  expect(world.calls).toContain(`created ${sid}`);
});

test("a session that is not found though the list shows it is not asked for over and over", async () => {
  const sid = sessionId(7);
  const world = createFakeWorld((before) => {
    before.path = `/s/${sid}`;
    before.listed.set(sid, summary(7));
  });
  world.app.start();
  await world.settle();
  const notFound = { kind: "closed", reason: "not-found" } as const;
  world.views.set(sid, sessionView(7, [], { connection: notFound }));
  world.emit({ kind: "connection", session: sid });
  world.listChanged();
  expect(world.calls).not.toContain(`created ${sid}`);
  // Of another one that is viewed meanwhile nothing is asked either.
  world.app.actions.openSession(sessionId(8));
  world.listed.set(sid, summary(7, { title: "Changed" }));
  world.listChanged();
  expect(world.calls).not.toContain(`created ${sid}`);
});
