import { expect, test } from "vitest";
import { parse } from "../../../src/protocol/parse.ts";
import { problem, PROBLEM_STATUS, ProblemSchema, type ProblemCode } from "../../../src/protocol/problems.ts";

const codes = Object.keys(PROBLEM_STATUS) as ProblemCode[];

test.each(codes)("%s is a problem whose status is its code's", (code) => {
  const made = problem(code, "Do this.");
  expect(made).toEqual({
    type: "about:blank",
    title: code.replaceAll("-", " "),
    status: PROBLEM_STATUS[code],
    code,
    detail: "Do this.",
  });
  expect(parse(ProblemSchema, JSON.parse(JSON.stringify(made)))).toEqual({ ok: true, value: made });
});

test("what is said beside the detail is carried along", () => {
  const extras = { field: "text", option: "yes", by: "user", retryMs: 5 };
  expect(problem("bad-request", "x", extras)).toMatchObject(extras);
});

test("a code of nobody's is no problem", () => {
  expect(parse(ProblemSchema, { ...problem("internal", "x"), code: "teapot" }).ok).toBe(false);
});
