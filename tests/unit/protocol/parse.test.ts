import * as v from "valibot";
import { expect, test } from "vitest";
import { parse, parseJson } from "../../../src/protocol/parse.ts";

const schema = v.object({ list: v.array(v.object({ id: v.string() })) });

test("a failure names the path of the offending field", () => {
  expect(parse(schema, { list: [{ id: "a" }, { id: 7 }] })).toMatchObject({
    ok: false,
    error: { field: "list.1.id" },
  });
});

test("a failure of the whole names no field", () => {
  expect(parse(schema, 7)).toMatchObject({ ok: false, error: { field: undefined } });
});

test("unknown fields are dropped, deep down too", () => {
  expect(parse(schema, { list: [{ id: "a", x: 1 }], y: 2 })).toEqual({
    ok: true,
    value: { list: [{ id: "a" }] },
  });
});

test("what is not JSON fails without a throw", () => {
  expect(parseJson(schema, "{")).toEqual({ ok: false, error: { field: undefined, message: "is not JSON" } });
});

test("a key named __proto__ changes no prototype", () => {
  const parsed = parseJson(schema, '{"list":[],"__proto__":{"polluted":true}}');
  expect(parsed).toEqual({ ok: true, value: { list: [] } });
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
});
