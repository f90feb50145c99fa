import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { readReports, ReportError } from "../../../../scripts/reliability/read-reports.ts";
import { tempFolder } from "../../../support/temp-folder.ts";
import { SAMPLE_REPORTS } from "./sample-reports.ts";

function folderWith(sources: Partial<Record<keyof typeof SAMPLE_REPORTS, string>>): URL {
  const folder = pathToFileURL(`${tempFolder()}/`);
  for (const name of ["simulation", "planted", "crash", "faults"] as const) {
    if (sources[name] === undefined) continue;
    const report = { ...SAMPLE_REPORTS[name], sources: sources[name] };
    writeFileSync(new URL(`${name}.json`, folder), JSON.stringify(report));
  }
  return folder;
}

test("the reports of the source that lies here are read", () => {
  const folder = folderWith({ simulation: "ab", planted: "ab", crash: "ab", faults: "ab" });
  expect(readReports(folder, "ab")).toMatchObject({ reports: SAMPLE_REPORTS, outdated: [] });
});

test("a report that is missing is refused, with the command that makes it", () => {
  const folder = folderWith({ simulation: "ab", planted: "ab", faults: "ab" });
  expect(() => readReports(folder, "ab")).toThrow(ReportError);
  expect(() => readReports(folder, "ab")).toThrow('no report of "crash". Run `npm run crash -- --report`');
});

test("a report of another source is named", () => {
  const folder = folderWith({ simulation: "ab", planted: "cd", crash: "ab", faults: "ab" });
  expect(readReports(folder, "ab").outdated).toEqual(["planted"]);
});
