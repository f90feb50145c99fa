import { expect, test } from "vitest";
import { createReporter } from "../../../src/platform/reporter.ts";

test("a message that repeats does not fill the console", () => {
  const written: unknown[][] = [];
  const reporter = createReporter({ warn: (...data) => void written.push(data) });
  for (let count = 0; count < 100; count += 1) reporter.warn("disk failed", count);
  reporter.warn("something else");
  expect(written).toHaveLength(21);
  expect(written[0]).toEqual(["disk failed", 0]);
  expect(written[19]?.[0]).toContain("further ones are left out");
  expect(written[20]).toEqual(["something else"]);
});
