import { expect, test } from "vitest";
import {
  AgentIdSchema,
  ApprovalIdSchema,
  EpochSchema,
  PartIdSchema,
  SeqSchema,
  SessionIdSchema,
  TimestampSchema,
  TurnIdSchema,
} from "../../../src/protocol/ids.ts";
import { parse } from "../../../src/protocol/parse.ts";

const UUID_V7 = "01890000-0000-7000-8000-000000000001";

test.each([UUID_V7, "6ba7b810-9dad-41d1-80b4-00c04fd430c8", "00000000-0000-0000-0000-000000000000"])(
  "%s names a session and a turn",
  (text) => {
    expect(parse(SessionIdSchema, text)).toEqual({ ok: true, value: text });
    expect(parse(TurnIdSchema, text)).toEqual({ ok: true, value: text });
  },
);

test.each([
  "",
  "abc",
  UUID_V7.toUpperCase().replace("0189", "018A"),
  `${UUID_V7} `,
  `${UUID_V7}\n`,
  `{${UUID_V7}}`,
  UUID_V7.replaceAll("-", ""),
  "../../etc/passwd",
  7,
  null,
  undefined,
  { toString: () => UUID_V7 },
])("%j names neither a session nor a turn", (input) => {
  expect(parse(SessionIdSchema, input).ok).toBe(false);
  expect(parse(TurnIdSchema, input).ok).toBe(false);
});

test("a part's, an approval's and an agent's name is opaque text without spaces", () => {
  for (const schema of [PartIdSchema, ApprovalIdSchema, AgentIdSchema]) {
    expect(parse(schema, "openai/llama3:8b@x#é").ok).toBe(true);
    for (const bad of ["", " ", "a b", "a\nb", "a\0b", "a\tb", "\u007f"])
      expect(parse(schema, bad).ok).toBe(false);
  }
});

test("names are bounded: 128 for parts and approvals, 256 for agents", () => {
  expect(parse(PartIdSchema, "x".repeat(128)).ok).toBe(true);
  expect(parse(PartIdSchema, "x".repeat(129)).ok).toBe(false);
  expect(parse(ApprovalIdSchema, "x".repeat(129)).ok).toBe(false);
  expect(parse(AgentIdSchema, "x".repeat(256)).ok).toBe(true);
  expect(parse(AgentIdSchema, "x".repeat(257)).ok).toBe(false);
});

test("an epoch is lower-case letters and digits", () => {
  expect(parse(EpochSchema, "0az9").ok).toBe(true);
  for (const bad of ["", "A", "a.b", "a-b", "é", "a".repeat(33)])
    expect(parse(EpochSchema, bad).ok).toBe(false);
});

test("a seq is a whole number from 0 to the largest safe one", () => {
  expect(parse(SeqSchema, 0).ok).toBe(true);
  expect(parse(SeqSchema, Number.MAX_SAFE_INTEGER).ok).toBe(true);
  for (const bad of [-1, 0.5, Number.NaN, Infinity, 2 ** 53, "1"])
    expect(parse(SeqSchema, bad).ok).toBe(false);
});

test("a time is a finite number", () => {
  expect(parse(TimestampSchema, 1.5).ok).toBe(true);
  for (const bad of [Number.NaN, Infinity, "1", null]) expect(parse(TimestampSchema, bad).ok).toBe(false);
});
