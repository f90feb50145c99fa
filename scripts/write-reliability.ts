/** Writes docs/RELIABILITY.md, and its headline into the README, from what the last long runs left: `npm run reliability`, and the end of `npm run test:long`. */
import { readFileSync, writeFileSync } from "node:fs";
import { renderReliability } from "./reliability/document.ts";
import { failuresOf } from "./reliability/failures.ts";
import { describeMachine } from "./reliability/machine.ts";
import { withHeadline } from "./reliability/readme.ts";
import { readReports, ReportError } from "./reliability/read-reports.ts";
import { runProgram } from "./steps.ts";

const REPORTS = new URL("../.cache/reports/", import.meta.url);
const TEMPLATE = new URL("reliability/template.md", import.meta.url);
const PATH = "docs/RELIABILITY.md";
const README = new URL("../README.md", import.meta.url);

try {
  const { reports, outdated } = readReports(REPORTS);
  const document = renderReliability(readFileSync(TEMPLATE, "utf8"), reports, describeMachine(), outdated);
  writeFileSync(new URL(`../${PATH}`, import.meta.url), document);
  writeFileSync(README, withHeadline(readFileSync(README, "utf8"), reports, outdated));
  const failures = failuresOf(reports, outdated);
  console.log(
    `${PATH} is written${failures.length === 0 ? "." : `, with ${failures.length} failures in it.`}`,
  );
  process.exitCode = runProgram("oxfmt", [PATH, "README.md"]) === 0 && failures.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof ReportError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
