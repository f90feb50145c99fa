/**
 * What takes minutes: the figures of docs/RELIABILITY.md, made and written. `npm run test:long`, with `-- --runs N`
 * for the schedules of the simulation, `-- --rounds N` for the crashes, and `-- --seed S` for both.
 */
import { parseArgs } from "node:util";
import { BROWSER_NAMES } from "../tests/support/browsers.ts";
import { ensureBrowsers } from "./install-browsers.ts";
import { closingLine, programStep, runProgram, runSteps, type Step, FAILED, PASSED } from "./steps.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20000" },
    // Short enough to be said aloud, and taken by both.
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    rounds: { type: "string", default: "300" },
  },
});

const node = process.execPath;

const faults: Step = {
  name: "faults in real browsers",
  run: () => {
    const missing = ensureBrowsers(BROWSER_NAMES);
    if (missing.length > 0) {
      console.error(
        `Not here, and could not be installed: ${missing.join(", ")}. The table needs every engine.`,
      );
      return FAILED;
    }
    const code = runProgram("playwright", ["test", "--project=faults-*"], { HOLDFAST_LONG: "1" });
    return code === 0 ? PASSED : FAILED;
  },
};

const markdown: Step = {
  name: "Markdown: every prefix, every payload, fuzzed for minutes",
  run: () => {
    const tests = ["tests/unit/markdown", "tests/unit/ui/markdown"];
    return runProgram("vitest", ["run", ...tests], { HOLDFAST_LONG: "1" }) === 0 ? PASSED : FAILED;
  },
};

const steps: readonly Step[] = [
  programStep("build", node, ["scripts/run.mjs", "build"]),
  programStep("simulation", node, [
    "tests/simulation/main.ts",
    `--runs=${values.runs}`,
    "--workers=2",
    `--seed=${values.seed}`,
    "--report",
  ]),
  markdown,
  programStep("planted bugs", node, ["tests/planted/main.ts"]),
  programStep("server crashes", node, [
    "tests/crash/main.ts",
    `--rounds=${values.rounds}`,
    `--seed=${values.seed}`,
    "--report",
  ]),
  faults,
  // Also after a failure: the document says what failed.
  programStep("docs/RELIABILITY.md", node, ["scripts/write-reliability.ts"]),
];

const total = runSteps(steps);
console.log(`\n${closingLine(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
