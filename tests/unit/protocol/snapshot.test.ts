import { expect, test } from "vitest";
import { parse } from "../../../src/protocol/parse.ts";
import { SnapshotSchema, toWireSnapshot, type Snapshot } from "../../../src/protocol/snapshot.ts";
import { agentId, epoch, sessionId } from "../../support/wire-samples.ts";

const snapshot: Snapshot = {
  session: {
    id: sessionId(),
    title: "Sums",
    createdAt: 1,
    updatedAt: 2,
    agent: agentId(),
    pinned: false,
    archived: false,
    status: "idle",
    running: 0,
    queued: 0,
  },
  cursor: { epoch: epoch(), seq: 42 },
  turns: [],
  hasMore: false,
};

test("a snapshot's cursor is text on the wire", () => {
  expect(toWireSnapshot(snapshot).cursor).toBe("k3f9.42");
});

test("a snapshot survives being written and read", () => {
  expect(parse(SnapshotSchema, JSON.parse(JSON.stringify(toWireSnapshot(snapshot))))).toEqual({
    ok: true,
    value: snapshot,
  });
});

test.each(["k3f9", "", 42, { epoch: "k3f9", seq: 42 }, null])(
  "the cursor %j is refused by its name",
  (cursor) => {
    expect(parse(SnapshotSchema, { ...toWireSnapshot(snapshot), cursor })).toMatchObject({
      ok: false,
      error: { field: "cursor" },
    });
  },
);
