import type { Bug } from "./bug.ts";
import type { Catch } from "./hunt.ts";

const NAME_CHARS = 48;

export function headline(): string {
  return `${"planted bug".padEnd(NAME_CHARS)}  schedules  caught by`;
}

/** One line of the table. The control is to be missed: there is nothing in it. */
export function row(bug: Bug | undefined, outcome: Catch): string {
  const name = (bug?.name ?? "control (no bug)").padEnd(NAME_CHARS);
  switch (outcome.kind) {
    case "broken":
      return `${name}  ${"–".padStart(9)}  BROKEN: ${outcome.why}`;
    case "missed":
      return `${name}  ${String(outcome.runs).padStart(9)}  ${bug === undefined ? "nothing, as it should be" : "NOT CAUGHT"}`;
    case "caught":
      return bug === undefined
        ? `${name}  ${String(outcome.runs).padStart(9)}  ${outcome.by}, without a bug: ${outcome.message}`
        : `${name}  ${String(outcome.runs).padStart(9)}  ${outcome.by}`;
  }
}
