import type { ReliabilityReports } from "../../../support/reliability-report.ts";

const run = { startedAt: "2026-11-21T13:40:05.000Z", wallMs: 61_000 };

/** One of everything, nothing failed. */
export const SAMPLE_REPORTS: ReliabilityReports = {
  simulation: {
    ...run,
    command: "npm run simulate -- --runs 20000 --seed 7 --report",
    seed: 7,
    schedules: 20_000,
    steps: 60,
    virtualMs: 90_000_000,
    faults: { "half-open": 1200, "reset by peer": 3400 },
    events: 5_000_000,
    sends: 60_000,
    violations: 0,
  },
  planted: {
    ...run,
    command: "npm run planted",
    seed: 1,
    controlRuns: 400,
    bugs: [
      {
        name: "13-doubled-prefix",
        title: "A delta is appended whole",
        source: "SERVER trap 14",
        sees: "A sentence stands there twice.",
        caughtBy: "S2",
        runs: 3,
      },
      {
        name: "28-hidden-tab-polls",
        title: "The list is asked for while hidden",
        source: "STREAMING S5",
        sees: "The radio stays awake.",
        caughtBy: "S5",
        runs: 12,
      },
    ],
  },
  crash: {
    ...run,
    command: "npm run crash -- --rounds 300 --seed 7 --report",
    seed: 7,
    rows: [
      {
        what: "kill -9 at a random moment",
        rounds: 300,
        counts: { "events read": 1_234_567 },
        violations: [],
      },
      { what: "SIGTERM under load", rounds: 20, counts: { "acknowledged sends": 411 }, violations: [] },
    ],
    controls: [{ what: "a store that acknowledges before it writes", seenAfterRounds: 2 }],
  },
  faults: {
    ...run,
    command: "npm run faults",
    engines: { chromium: "Chromium 156.0", firefox: "Firefox 153.7", webkit: "WebKitGTK 2.50.6" },
    rows: [
      { id: "1", title: "FIN in mid-token", engine: "chromium", outcome: "pass" },
      { id: "1", title: "FIN in mid-token", engine: "firefox", outcome: "pass" },
      { id: "1", title: "FIN in mid-token", engine: "webkit", outcome: "pass" },
      { id: "22", title: "Hidden | eight minutes", engine: "chromium", outcome: "pass" },
      {
        id: "22",
        title: "Hidden | eight minutes",
        engine: "firefox",
        outcome: "not-applicable",
        why: "no way to hide a tab",
      },
      { id: "22", title: "Hidden | eight minutes", engine: "webkit", outcome: "pass" },
    ],
  },
};
