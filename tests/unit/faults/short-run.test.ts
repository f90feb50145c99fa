import { expect, test } from "vitest";
import { allScenarios } from "../../faults/all-scenarios.ts";
import { ENGINES } from "../../faults/fault-browser.ts";
import { SHORT_RUN, whyLeftOut } from "../../faults/short-run.ts";

test("every id of the short run is that of a scenario that is not long", async () => {
  const short = new Set((await allScenarios()).filter(({ isLong }) => isLong !== true).map(({ id }) => id));
  for (const engine of ENGINES) {
    expect(
      SHORT_RUN[engine].filter((id) => !short.has(id)),
      engine,
    ).toEqual([]);
  }
});

test("every number of PLATFORM §8 that applies is played in the short run, by one of its scenarios in one engine", async () => {
  const played = new Set(ENGINES.flatMap((engine) => SHORT_RUN[engine]).map((id) => Number.parseInt(id, 10)));
  const numbers = new Set((await allScenarios()).map(({ id }) => Number.parseInt(id, 10)));
  const left = [...numbers].filter((number) => !played.has(number));
  // Over HTTP/2 a browser gets out of a black hole in 24 to 72 s.
  expect(left).toEqual([12]);
});

test("outside the short run only what takes minutes is left out, and in the long run nothing", () => {
  expect(whyLeftOut("4", "firefox", false, {})).toBeUndefined();
  expect(whyLeftOut("4", "firefox", false, { HOLDFAST_FAULTS: "short" })).toContain("npm run faults");
  expect(whyLeftOut("7", "firefox", false, { HOLDFAST_FAULTS: "short" })).toBeUndefined();
  expect(whyLeftOut("22", "chromium", true, {})).toContain("npm run test:long");
  expect(whyLeftOut("22", "chromium", true, { HOLDFAST_LONG: "1" })).toBeUndefined();
});
