import { expect, test, vi } from "vitest";
import { parseWhole } from "../../support/markdown/follow-stream.ts";
import { HEALING, PRODUCT } from "../../support/markdown/options.ts";

const RUNS = 60;

test.for([
  { name: "as it is", options: PRODUCT },
  { name: "healed", options: HEALING },
])("backticks are looked for once, not by each run that has no closer: $name", ({ options }) => {
  const text = Array.from({ length: RUNS }, (_, index) => `e${"`".repeat(index + 1)}`).join("");
  const indexOf = vi.spyOn(String.prototype, "indexOf");
  parseWhole(text, options, true);
  const searches = indexOf.mock.calls.filter(([sought]) => sought === "`").length;
  indexOf.mockRestore();
  expect(searches).toBeGreaterThan(0);
  // Of the growing text, and once more when it has ended.
  expect(searches).toBeLessThanOrEqual(2 * (RUNS + 1));
});
