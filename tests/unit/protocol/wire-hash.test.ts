import { createHash } from "node:crypto";
import * as v from "valibot";
import { expect, test } from "vitest";
import * as agents from "../../../src/protocol/agents.ts";
import { fromTurnSnapshot, toTurnSnapshot } from "../../../src/protocol/conversation-snapshot.ts";
import { createConversation, foldEvent } from "../../../src/protocol/conversation.ts";
import * as events from "../../../src/protocol/events.ts";
import * as frames from "../../../src/protocol/frames.ts";
import * as ids from "../../../src/protocol/ids.ts";
import * as limits from "../../../src/protocol/limits.ts";
import * as problems from "../../../src/protocol/problems.ts";
import * as requests from "../../../src/protocol/requests.ts";
import { routes } from "../../../src/protocol/routes.ts";
import * as snapshots from "../../../src/protocol/snapshot.ts";
import { controlMessage, encodeRetry, encodeStreamMessage, logMessage } from "../../../src/protocol/sse.ts";
import * as textSearch from "../../../src/protocol/text-search.ts";
import { PROTOCOL_VERSION, SERVER_NAME } from "../../../src/protocol/version.ts";
import { approvalId, epoch, SAMPLE_EVENTS, sessionId, turnId } from "../../support/wire-samples.ts";

/** What the wire looked like when {@link PROTOCOL_VERSION} was last set. */
const STORED = { version: "1.2", hash: "dc6aee48dede133b745255e5ccf49932da52bcab16d1454096d227f54ab066c8" };

/** What of a schema is its shape. */
const KEPT = new Set([
  "kind",
  "type",
  "entries",
  "wrapped",
  "item",
  "items",
  "options",
  "literal",
  "key",
  "pipe",
  "requirement",
  "default",
]);

/** A schema's shape as plain text: its kind, its fields, its bounds. Functions and paths are left out. */
function shapeOf(schema: unknown): unknown {
  if (typeof schema === "bigint" || typeof schema === "function") return undefined;
  if (schema instanceof RegExp) return schema.source;
  if (Array.isArray(schema)) return schema.map(shapeOf);
  if (typeof schema !== "object" || schema === null) return schema;
  const pairs = Object.entries(schema).filter(([key, value]) => KEPT.has(key) && typeof value !== "function");
  return Object.fromEntries(
    pairs.map(([key, value]) => [key, key === "entries" ? entriesOf(value) : shapeOf(value)]),
  );
}

function entriesOf(entries: unknown): unknown {
  if (typeof entries !== "object" || entries === null) return entries;
  return Object.fromEntries(Object.entries(entries).map(([name, schema]) => [name, shapeOf(schema)]));
}

function schemasOf(module: Readonly<Record<string, unknown>>): unknown {
  return (
    Object.entries(module)
      // What a client reads of things it does not know is no shape of the wire.
      .filter(([name]) => name.endsWith("Schema") && !name.startsWith("Unknown"))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, schema]) => [name, shapeOf(schema)])
  );
}

/** Everything that both ends must agree on, as one text. */
function describeWire(): string {
  const conversation = createConversation();
  for (const event of SAMPLE_EVENTS) foldEvent(conversation, event);
  const turns = [...conversation.turns.values()].map(toTurnSnapshot);
  const sid = sessionId();
  const cursor = { epoch: epoch(), seq: 42 };
  const controls: readonly frames.ControlFrame[] = [
    {
      name: "hello",
      protocol: "1.0",
      session: sid,
      epoch: epoch(),
      tail: 3,
      heartbeatMs: 10_000,
      version: "1",
    },
    { name: "caught-up", tail: 3 },
    { name: "ping", tail: 3 },
    { name: "resync", reason: "epoch" },
    { name: "bye", reason: "draining", retryMs: 1_000 },
    { name: "notice", code: "storage-full", message: "The disk is full." },
  ];
  const row = {
    id: sid,
    title: "Sums",
    createdAt: 1,
    updatedAt: 2,
    lastEndedAt: 2,
    agent: "demo",
    pinned: false,
    archived: false,
    status: "idle",
    running: 0,
    queued: 0,
  };
  const samples = [
    SERVER_NAME,
    encodeRetry(limits.RETRY_MS),
    ...SAMPLE_EVENTS.map((event, index) =>
      encodeStreamMessage(logMessage(epoch(), { from: index + 1, seq: index + 1, events: [event] })),
    ),
    ...controls.map((frame) => encodeStreamMessage(controlMessage(frame))),
    v.parse(requests.CreateSessionSchema, { title: " Sums ", agent: "demo" }),
    v.parse(requests.UpdateSessionSchema, { title: "Sums", agent: "demo", pinned: true, archived: false }),
    v.parse(requests.SendTurnSchema, { id: turnId(1), text: "hi" }),
    v.parse(requests.SendTurnSchema, {
      id: turnId(1),
      text: "",
      attachments: [{ name: "a.txt", mediaType: "text/plain", data: "aGk=" }],
      agent: "demo",
      mode: "steer",
      steers: turnId(2),
      replaces: turnId(3),
      continues: turnId(4),
    }),
    v.parse(requests.EditTurnSchema, { text: "hi" }),
    v.parse(requests.ResolveApprovalSchema, { option: "yes" }),
    v.parse(requests.SignInSchema, { password: "secret" }),
    snapshots.toWireSnapshot(
      v.parse(snapshots.SnapshotSchema, { session: row, cursor: "k3f9.42", turns, hasMore: false }),
    ),
    turns.map((turn) => toTurnSnapshot(fromTurnSnapshot(turn))),
    Object.keys(problems.PROBLEM_STATUS).map((code) =>
      problems.problem(code as problems.ProblemCode, "Do this.", {
        field: "text",
        option: "yes",
        by: "user",
        retryMs: 1,
      }),
    ),
    [
      routes.health(),
      routes.agents(),
      routes.signIn(),
      routes.signOut(),
      routes.sessions({ limit: 1, before: sid }),
    ],
    [
      routes.snapshot(sid, { turns: 1, before: turnId() }),
      routes.snapshot(sid, { turns: 1, from: "first" }),
      routes.events(sid, cursor, 1),
      routes.stream(sid, cursor),
      routes.search(sid, { q: "red fox", before: turnId(), limit: 1 }),
    ],
    [
      routes.turns(sid),
      routes.turn(sid, turnId()),
      routes.stopTurn(sid, turnId()),
      routes.approval(sid, approvalId()),
    ],
    Object.entries(limits).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ];
  const shapes = [agents, events, frames, ids, problems, requests, snapshots, textSearch].map(schemasOf);
  return JSON.stringify({ samples, shapes });
}

test("the wire is the one that its version names", () => {
  const hash = createHash("sha256").update(describeWire()).digest("hex");
  expect(
    { version: PROTOCOL_VERSION, hash },
    "The wire has changed. If on purpose: change docs/PROTOCOL.md, bump PROTOCOL_VERSION in src/protocol/version.ts " +
      "(major when an older client would misread it, minor when it only adds), and store the new version and hash here.",
  ).toEqual(STORED);
});

test("the description holds every field of the sample events and every bound, so that a changed one is noticed", () => {
  const wire = describeWire();
  const fields = SAMPLE_EVENTS.flatMap((event) => Object.keys(event.type === "unknown" ? event.raw : event));
  const missing = [...fields, "max_length", "min_value", "safe_integer", "picklist"].filter(
    (word) => !wire.includes(word),
  );
  expect(missing).toEqual([]);
  expect(wire.length).toBeGreaterThan(20_000);
});
