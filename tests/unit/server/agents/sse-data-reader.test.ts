import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SseDataReader } from "../../../../server/agents/sse-data-reader.ts";

function readAll(chunks: readonly string[]): readonly string[] {
  const reader = new SseDataReader();
  return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
}

test.each(["\n", "\r\n", "\r"])("lines may end with %j, comments and other fields are skipped", (end) => {
  const lines = [
    ": hi",
    "event: x",
    "data: one",
    "",
    "data:two",
    "data: three",
    "",
    ":",
    "",
    "data: [DONE]",
    "",
  ];
  expect(readAll([lines.map((line) => line + end).join("")])).toEqual(["one", "two\nthree", "[DONE]"]);
});

test("a message without its blank line is still given at the end", () => {
  expect(readAll(["data: one\n\ndata: two"])).toEqual(["one", "two"]);
});

test("llama.cpp's error field is an error", () => {
  expect(readAll(['error: {"code":500}\n\n'])).toEqual(['{"error":{"code":500}}']);
});

test("any cutting reads the same", () => {
  const piece = fc.constantFrom("data: a", "data:", "\r", "\n", "\r\n", ": c", "x", " ");
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(4)), (pieces, sizes) => {
      let rest = pieces.join("");
      const chunks: string[] = [];
      for (const size of sizes) {
        chunks.push(rest.slice(0, size));
        rest = rest.slice(size);
      }
      expect(readAll([...chunks, rest])).toEqual(readAll([pieces.join("")]));
    }),
    { numRuns: 1_000 },
  );
});
