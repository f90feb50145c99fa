import { table } from "../../scripts/reliability/markdown.ts";
import { hasReached, judge, type Baseline } from "../harness/baseline.ts";
import { PLACE_NAMES, ratioKey, type BenchmarkRecord, type Ratio } from "../harness/benchmark.ts";
import { describeNumber, describeSpread } from "../harness/describe.ts";
import { median } from "../harness/statistics.ts";

/** Where the pictures lie, seen from the document. */
export const IMAGES = "images/performance";

export interface ReportInput {
  readonly template: string;
  /** In the order of the report; undefined: never run. */
  readonly records: ReadonlyMap<string, BenchmarkRecord | undefined>;
  readonly baseline: Baseline;
}

/** Fills the template's `{{places}}`. Pure: the same records make the same document. */
export function renderPerformance({ template, records, baseline }: ReportInput): string {
  const run = [...records.values()].filter((record) => record !== undefined);
  const sections: Record<string, string> = {
    headline: headline(run),
    failures: failures(records),
    machine: machines(run),
    ratios: ratioTable(run, baseline),
    sections: run.map(section).join("\n\n"),
    names: [...records.keys()].map((name) => `\`${name}\``).join(", "),
  };
  return template.replaceAll(/\{\{(\w+)\}\}/g, (place, name: string) => {
    const text = sections[name];
    if (text === undefined) throw new Error(`The template has a place that nothing fills: ${place}.`);
    return text;
  });
}

/** What it came to, as a list: the figures that were set as targets. */
export function headline(records: readonly BenchmarkRecord[]): string {
  const aimed = records.flatMap((record) => record.ratios).filter((ratio) => ratio.target !== undefined);
  const reached = aimed.filter((ratio) => hasReached(ratio) === true);
  const stream = records.find((record) => record.name === "stream-100k");
  const times = (stream?.ratios ?? [])
    .filter((ratio) => ratio.id !== "ours-to-floor")
    .map(
      (ratio) =>
        `${describeNumber(1 / median(ratio.values))}× as fast as ${peerOf(ratio)} in ${PLACE_NAMES[ratio.place]}`,
    );
  const floors = (stream?.ratios ?? [])
    .filter((ratio) => ratio.id === "ours-to-floor")
    .map((ratio) => `${describeNumber(median(ratio.values))}× in ${PLACE_NAMES[ratio.place]}`);
  return [
    `**${reached.length} of ${aimed.length} targets** reached`,
    ...(times.length > 0 ? [`A frame of 100 KB of Markdown that stream in is **${times.join(", ")}**`] : []),
    ...(floors.length > 0
      ? [`against the least that text can cost, without any Markdown: ${floors.join(", ")}`]
      : []),
  ]
    .map((line) => `- ${line}`)
    .join("\n");
}

function peerOf(ratio: Ratio): string {
  return ratio.id === "ours-to-naive" ? "marked + DOMPurify" : "Streamdown";
}

function failures(records: ReportInput["records"]): string {
  const lines = [...records].flatMap(([name, record]) => {
    if (record === undefined) return [`- \`${name}\` was not run.`];
    return record.failure === undefined
      ? []
      : [`- \`${name}\` failed: ${record.failure.split("\n")[0] ?? ""}`];
  });
  return lines.length === 0 ? "" : ["**What has no figures:**", "", ...lines].join("\n");
}

function machines(records: readonly BenchmarkRecord[]): string {
  const engines = new Set(records.flatMap((record) => Object.values(record.engines)));
  const of = (pick: (record: BenchmarkRecord) => string): string =>
    [...new Set(records.map(pick))].join(", ");
  const loads = records.map((record) => record.load);
  return [
    `Machine: ${of((record) => record.machine)}. Engines: ${[...engines].join(", ")}.`,
    `Commit: ${of((record) => record.commit)}, ${of((record) => record.startedAt.slice(0, 10))}.`,
    `Load when the benchmarks began: ${describeSpread(loads)}; above the number of processors, the absolute figures mean little.`,
  ].join("\n");
}

function ratioTable(records: readonly BenchmarkRecord[], baseline: Baseline): string {
  const rows = records.flatMap((record) =>
    record.ratios.map((ratio) => {
      const entry = baseline[ratioKey(record.name, ratio)];
      const isMissed = judge(ratio, entry) === "missed";
      return [
        `\`${record.name}\``,
        ratio.what,
        PLACE_NAMES[ratio.place],
        describeSpread(ratio.values),
        targetCell(ratio),
        entry === undefined
          ? "–"
          : `${describeNumber(entry.ratio)}, ×${entry.margin}${isMissed ? " **beyond**" : ""}`,
      ];
    }),
  );
  return table(["benchmark", "ratio", "in", "median [least – most]", "target", "baseline, margin"], rows);
}

function targetCell(ratio: Ratio): string {
  if (ratio.target === undefined) return "–";
  const target = `${ratio.better === "lower" ? "≤" : "≥"} ${describeNumber(ratio.target)}`;
  return hasReached(ratio) === true ? `${target} ✓` : `${target} **missed**`;
}

function section(record: BenchmarkRecord): string {
  const figures = record.figures.map((figure) => [
    figure.what,
    PLACE_NAMES[figure.place],
    describeSpread(figure.values),
    figure.unit,
  ]);
  return [
    `## \`${record.name}\``,
    `${record.title}.`,
    ...(record.charts ?? []).map((chart) => `![${chart.title}](${IMAGES}/${chart.id}.svg)`),
    ...(figures.length > 0 ? [table(["what", "in", "median [least – most]", "unit"], figures)] : []),
    ...(record.notes ?? []),
  ].join("\n\n");
}
