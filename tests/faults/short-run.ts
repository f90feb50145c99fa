import type { EngineName } from "./fault-browser.ts";

/**
 * What `npm test` plays, by the ids of the scenarios: each kind of fault in the engine that shows it best, and in the other
 * engines what they are known to do differently. All of them in all engines: `npm run faults`; the long ones too: `npm run test:long`.
 */
export const SHORT_RUN: Readonly<Record<EngineName, readonly string[]>> = {
  chromium: (
    "1 2 3 4 5 6a 7 8a 9 10 11a 13 14 15 16 17 18 19 20 22a 23b 25 26 27 28 28b 29 30 31a 36a 37 38 39 40 41 42 43a 44 44a " +
    "45a 47"
  ).split(" "),
  // No `open` before the first byte, a retry of its own, writes at the last moment that are kept or lost.
  firefox: "7 10 28".split(" "),
  // Suspension, a store that hangs or is lost, pages that come back with their streams closed.
  webkit: "11a 24b 26 28b 36 37a".split(" "),
};

/** Why this run leaves the scenario out; undefined: it plays it. */
export function whyLeftOut(
  id: string,
  engine: EngineName,
  isLong: boolean,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  if (isLong && environment["HOLDFAST_LONG"] !== "1") return "Takes minutes: npm run test:long.";
  const isShortRun = environment["HOLDFAST_FAULTS"] === "short";
  if (isShortRun && !SHORT_RUN[engine].includes(id)) return "Not in the short run: npm run faults.";
  return undefined;
}
