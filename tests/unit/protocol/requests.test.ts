import { expect, test } from "vitest";
import { MAX_ATTACHMENTS, MAX_TEXT_CHARS, MAX_TITLE_CHARS } from "../../../src/protocol/limits.ts";
import { parse } from "../../../src/protocol/parse.ts";
import {
  CreateSessionSchema,
  EditTurnSchema,
  ResolveApprovalSchema,
  SendTurnSchema,
  SignInSchema,
  UpdateSessionSchema,
} from "../../../src/protocol/requests.ts";
import { turnId } from "../../support/wire-samples.ts";

const send = { id: turnId(1), text: "hello" };
const attachment = { name: "a.txt", mediaType: "text/plain", data: "aGk=" };

function fieldOf(
  result: { ok: true } | { ok: false; error: { field: string | undefined } },
): string | undefined {
  if (result.ok) throw new Error("it was taken");
  return result.error.field;
}

test("a message queues unless it says otherwise", () => {
  expect(parse(SendTurnSchema, send)).toEqual({ ok: true, value: { ...send, mode: "queue" } });
});

test("unknown fields of a request are dropped", () => {
  expect(parse(SendTurnSchema, { ...send, colour: "blue" })).toEqual({
    ok: true,
    value: { ...send, mode: "queue" },
  });
});

test.each([
  ["id", { ...send, id: "7" }],
  ["id", { text: "hello" }],
  ["text", { id: send.id }],
  ["text", { ...send, text: 7 }],
  ["text", { ...send, text: null }],
  ["text", { ...send, text: " \n\t" }],
  ["mode", { ...send, mode: "later" }],
  ["agent", { ...send, agent: "" }],
  ["steers", { ...send, steers: "x" }],
  ["replaces", { ...send, replaces: 1 }],
  ["continues", { ...send, continues: null }],
  ["attachments", { ...send, attachments: {} }],
  ["attachments", { ...send, attachments: Array.from({ length: MAX_ATTACHMENTS + 1 }, () => attachment) }],
  ["attachments.0.name", { ...send, attachments: [{ ...attachment, name: "" }] }],
  [
    "attachments.1.mediaType",
    { ...send, attachments: [attachment, { ...attachment, mediaType: "x".repeat(256) }] },
  ],
  ["attachments.0.data", { ...send, attachments: [{ ...attachment, data: "not base64!" }] }],
  ["attachments.0.data", { ...send, attachments: [{ ...attachment, data: "abc" }] }],
])("a message whose %s is wrong is refused by that name", (field, input) => {
  expect(fieldOf(parse(SendTurnSchema, input))).toBe(field);
});

test("a text of exactly the limit is taken, one longer is not", () => {
  expect(parse(SendTurnSchema, { ...send, text: "x".repeat(MAX_TEXT_CHARS) }).ok).toBe(true);
  expect(fieldOf(parse(SendTurnSchema, { ...send, text: "x".repeat(MAX_TEXT_CHARS + 1) }))).toBe("text");
  expect(fieldOf(parse(EditTurnSchema, { text: "x".repeat(MAX_TEXT_CHARS + 1) }))).toBe("text");
});

test("megabytes of an attachment are checked without running out of stack", () => {
  const data = "abcd".repeat(1_500_000);
  expect(parse(SendTurnSchema, { ...send, attachments: [{ ...attachment, data }] }).ok).toBe(true);
  expect(parse(SendTurnSchema, { ...send, attachments: [{ ...attachment, data: `${data}====` }] }).ok).toBe(
    false,
  );
});

test("only a turn that continues another may say nothing", () => {
  expect(parse(SendTurnSchema, { ...send, text: "", continues: turnId(2) }).ok).toBe(true);
  expect(fieldOf(parse(SendTurnSchema, { ...send, text: "" }))).toBe("text");
});

test("a title is trimmed and bounded", () => {
  expect(parse(CreateSessionSchema, { title: "  Sums " })).toEqual({ ok: true, value: { title: "Sums" } });
  expect(fieldOf(parse(CreateSessionSchema, { title: "   " }))).toBe("title");
  expect(fieldOf(parse(CreateSessionSchema, { title: "x".repeat(MAX_TITLE_CHARS + 1) }))).toBe("title");
});

test("a session is created from nothing, but not from something that is no object", () => {
  expect(parse(CreateSessionSchema, {})).toEqual({ ok: true, value: {} });
  for (const input of [null, undefined, "title", 7]) expect(parse(CreateSessionSchema, input).ok).toBe(false);
});

test("a change of a session names at least one thing", () => {
  expect(parse(UpdateSessionSchema, { pinned: false })).toEqual({ ok: true, value: { pinned: false } });
  expect(parse(UpdateSessionSchema, {}).ok).toBe(false);
  expect(parse(UpdateSessionSchema, { colour: "blue" }).ok).toBe(false);
  expect(fieldOf(parse(UpdateSessionSchema, { archived: "yes" }))).toBe("archived");
});

test("an edit, an answer and a password are not empty", () => {
  expect(fieldOf(parse(EditTurnSchema, { text: " " }))).toBe("text");
  expect(fieldOf(parse(ResolveApprovalSchema, { option: "" }))).toBe("option");
  expect(fieldOf(parse(SignInSchema, { password: "" }))).toBe("password");
});
