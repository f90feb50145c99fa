import type { JSX } from "preact";
import { useId } from "preact/hooks";
import type { PlanEntry } from "../protocol/events.ts";
import type { PlanVersion } from "../protocol/snapshot.ts";

interface PlanCardProps {
  readonly plans: readonly PlanVersion[];
  readonly isRunning: boolean;
}

/** The plan with its progress; earlier versions are folded below. */
export function PlanCard({ plans, isRunning }: PlanCardProps): JSX.Element | null {
  const id = useId();
  const entries = plans.at(-1)?.entries;
  if (entries === undefined) return null;
  const done = entries.filter((entry) => entry.status === "done").length;
  const earlier = plans.slice(0, -1).toReversed();
  return (
    <section class="plan" data-part="plan" aria-labelledby={id} data-running={isRunning}>
      <div class="plan-head">
        <h3 id={id}>Plan</h3>
        <span class="plan-count">
          {done} of {entries.length} done
        </span>
      </div>
      <progress class="plan-progress" max={Math.max(1, entries.length)} value={done} aria-labelledby={id} />
      <PlanEntries entries={entries} />
      {earlier.length > 0 && (
        <details class="plan-history">
          <summary>
            {earlier.length} earlier {earlier.length === 1 ? "version" : "versions"}
          </summary>
          <ol>
            {earlier.map((plan, index) => (
              <li key={earlier.length - index}>
                <time dateTime={new Date(plan.at).toISOString()}>
                  {new Date(plan.at).toLocaleTimeString()}
                </time>
                <PlanEntries entries={plan.entries} />
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}

const STATUS_WORDS = { pending: "to do", active: "in progress", done: "done" } as const;

function PlanEntries({ entries }: { readonly entries: readonly PlanEntry[] }): JSX.Element {
  return (
    <ul class="plan-entries">
      {entries.map((entry, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- entries of a plan have no id; it is replaced whole
        <li key={index} data-status={entry.status}>
          {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- drawn by CSS: there is no picture to load */}
          <span class="plan-mark" role="img" aria-label={STATUS_WORDS[entry.status]} />
          <span>{entry.text}</span>
        </li>
      ))}
    </ul>
  );
}
