import { BUILD_STEPS, CHECK_STEPS } from "./check-steps.ts";
import { closingLine, runSteps } from "./steps.ts";

const total = runSteps([...CHECK_STEPS, ...BUILD_STEPS.slice(0, 2)]);
console.log(`\n${closingLine(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
