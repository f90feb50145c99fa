import { programStep, type Step } from "./steps.ts";

/** What needs no build and no browser. */
export const CHECK_STEPS: readonly Step[] = [
  programStep("types", "tsc", ["-b"]),
  programStep("lint", "oxlint", ["--type-aware", "--deny-warnings"]),
  programStep("format", "oxfmt", ["--check", "."]),
  programStep("unused code and dependencies", "knip", []),
];

/** What looks at the built app. */
export const BUILD_STEPS: readonly Step[] = [
  programStep("build", process.execPath, ["scripts/run.mjs", "build"]),
  programStep("bundle: size and content", process.execPath, ["scripts/check-bundle.ts"]),
  programStep("build of the offline app", process.execPath, ["scripts/run.mjs", "build:mock"]),
];
