import type { JSX } from "preact";
import { MEASURE_NAMES, type MeasureName } from "../streaming/measures.ts";
import { useApp } from "./app-context.ts";

/** In the order in which a person would ask; the names are those of the browser's profiler. */
const WORDS: Readonly<Record<MeasureName, string>> = {
  [MEASURE_NAMES.switch]: "Switch, until painted",
  [MEASURE_NAMES.firstToken]: "Send, until first text",
  [MEASURE_NAMES.attach]: "Open, until hello",
  [MEASURE_NAMES.catchUp]: "Hello, until caught up",
  [MEASURE_NAMES.reattach]: "Open, until caught up",
  [MEASURE_NAMES.fold]: "Fold a message",
  [MEASURE_NAMES.write]: "Write a frame",
  [MEASURE_NAMES.save]: "Save",
  [MEASURE_NAMES.diskWork]: "Save, own work",
  [MEASURE_NAMES.load]: "Load from disk",
};

/** What took how long in this tab: the same spans as in the browser's profiler. */
export function MeasuresCard(): JSX.Element | null {
  const { state } = useApp();
  const reports = new Map(state.shell.measures.value.map((report) => [report.name, report]));
  if (reports.size === 0) return null;
  return (
    <section class="stream-card">
      <h3>Timings</h3>
      <table class="measures">
        <thead>
          <tr>
            <th scope="col">ms</th>
            <th scope="col">last</th>
            <th scope="col">median</th>
            <th scope="col">longest</th>
          </tr>
        </thead>
        <tbody>
          {Object.values(MEASURE_NAMES).map((name) => {
            const report = reports.get(name);
            return (
              report !== undefined && (
                <tr key={name}>
                  <th scope="row" title={`${name}, ${report.count} ×`}>
                    {WORDS[name]}
                  </th>
                  <td>{inMs(report.lastMs)}</td>
                  <td>{inMs(report.medianMs)}</td>
                  <td>{inMs(report.longestMs)}</td>
                </tr>
              )
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function inMs(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString();
}
