import { mkdirSync } from "node:fs";
import { BUILD_STEPS, CHECK_STEPS } from "./check-steps.ts";
import { closingLine, runSteps } from "./steps.ts";
import { REPORTS } from "./test-reports.ts";
import { benchmarkRatios, browserTests, crashes, plantedBugs, unitTests } from "./test-steps.ts";

mkdirSync(new URL(`../${REPORTS}/`, import.meta.url), { recursive: true });
// The ratios come last: nothing else of this run is going on beside them.
const total = runSteps([
  ...CHECK_STEPS,
  ...BUILD_STEPS,
  unitTests,
  plantedBugs,
  crashes,
  browserTests,
  benchmarkRatios,
]);
console.log(`\n${closingLine(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
