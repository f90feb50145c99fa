import { expect, test } from "vitest";
import { keepRows, sessionRows, type SeenMarks } from "../../../src/state/session-rows.ts";
import type { OutboxEntry } from "../../../src/streaming/ports.ts";
import { DEMO, sessionId, summary, turnId } from "./samples.ts";

const SEEN: SeenMarks = { baselineMs: 100, seenAtMs: {} };
const entry = { id: "e", session: sessionId(1), createdAtMs: 0 };
const sending: OutboxEntry = { ...entry, kind: "send", body: { id: turnId(1), text: "x", mode: "queue" } };

test("pinned sessions come first, then the latest activity", () => {
  const rows = sessionRows([summary(1), summary(2, { pinned: true }), summary(3)], [], SEEN, undefined);
  expect(rows.map((row) => row.title)).toEqual(["Session 2", "Session 3", "Session 1"]);
});

test.each([
  ["running", { status: "running" as const }, []],
  ["needs-you", { status: "needs-you" as const }, []],
  ["queued", { status: "queued" as const }, []],
  ["queued", {}, [sending]],
  ["failed", { status: "failed" as const }, []],
  ["unread", { lastEndedAt: 200 }, []],
  ["failed", { status: "failed" as const, lastEndedAt: 200 }, []],
  ["running", { status: "running" as const, lastEndedAt: 200 }, [sending]],
  ["idle", {}, []],
])("the one mark is %s for %o", (mark, fields, entries) => {
  expect(sessionRows([summary(1, fields)], entries, SEEN, undefined)[0]?.mark).toBe(mark);
});

test("what ended in the session that is viewed is not unread", () => {
  expect(sessionRows([summary(1, { lastEndedAt: 200 })], [], SEEN, sessionId(1))[0]?.mark).toBe("idle");
});

test("what was seen, or ended before the first start on this device, is not unread", () => {
  const seen: SeenMarks = { baselineMs: 100, seenAtMs: { [sessionId(1)]: 200 } };
  const rows = sessionRows(
    [summary(1, { lastEndedAt: 200 }), summary(2, { lastEndedAt: 99 })],
    [],
    seen,
    undefined,
  );
  expect(rows.map((row) => row.mark)).toEqual(["idle", "idle"]);
});

test("before the first list nothing is unread", () => {
  const seen: SeenMarks = { baselineMs: undefined, seenAtMs: {} };
  expect(sessionRows([summary(1, { lastEndedAt: 200 })], [], seen, undefined)[0]?.mark).toBe("idle");
});

test("changes on their way to the server are shown, the latest last", () => {
  const entries: OutboxEntry[] = [
    { ...entry, kind: "update", body: { title: "First" } },
    { ...entry, kind: "update", body: { title: "Second", pinned: true } },
    { ...entry, kind: "update", session: sessionId(2), body: { archived: true } },
  ];
  const rows = sessionRows([summary(1), summary(2)], entries, SEEN, undefined);
  expect(rows[0]).toMatchObject({ title: "Second", isPinned: true, agent: DEMO });
  expect(rows[1]).toMatchObject({ isArchived: true });
});

test("a session that is being deleted is not listed", () => {
  const entries: OutboxEntry[] = [{ ...entry, kind: "delete", notBeforeMs: 1 }];
  expect(sessionRows([summary(1), summary(2)], entries, SEEN, undefined).map((row) => row.id)).toEqual([
    sessionId(2),
  ]);
});

test("of rows that are asked for anew only those that say something else are other objects", () => {
  const sessions = [summary(1, { lastEndedAt: 200 }), summary(2), summary(3)];
  const before = sessionRows(sessions, [], SEEN, undefined);
  const rows = keepRows(before, sessionRows(sessions, [], SEEN, sessionId(1)));
  expect(rows.filter((row) => before.includes(row)).map((row) => row.id)).toEqual([
    sessionId(3),
    sessionId(2),
  ]);
  expect(rows.find((row) => row.id === sessionId(1))?.mark).toBe("idle");
});
