import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { ApprovalSnapshot } from "../protocol/snapshot.ts";
import type { TurnView } from "../state/turn-view.ts";
import { useApp } from "./app-context.ts";
import { focusComposer } from "./composer-focus.ts";

const BY_WORDS = {
  user: "by you",
  timeout: "as no answer came in time",
  stopped: "as the answer was stopped",
} as const;

/** A question that the answer waits for, and what became of it. */
export function ApprovalCard({
  approval,
  turn,
}: {
  readonly approval: ApprovalSnapshot;
  readonly turn: TurnView;
}): JSX.Element {
  const { actions } = useApp();
  const id = useId();
  const [isBusy, setBusy] = useState(false);
  const { resolved } = approval;

  async function choose(option: string): Promise<void> {
    setBusy(true);
    focusComposer();
    await actions.resolveApproval(approval.id, option);
    setBusy(false);
  }

  const chosen = approval.options.find((option) => option.id === resolved?.option);
  return (
    <section class="approval" data-part="approval" data-open={resolved === undefined} aria-labelledby={id}>
      <p id={id} class="approval-prompt">
        {approval.prompt}
      </p>
      {resolved !== undefined ? (
        <p class="approval-answer">
          {chosen?.label ?? resolved.option}: chosen {BY_WORDS[resolved.by]} at{" "}
          <time dateTime={new Date(resolved.at).toISOString()}>
            {new Date(resolved.at).toLocaleTimeString()}
          </time>
        </p>
      ) : turn.status === "ended" ? (
        <p class="approval-answer">Not answered.</p>
      ) : (
        <div class="approval-buttons">
          {approval.options.map((option) => (
            <button
              key={option.id}
              type="button"
              class="button"
              data-kind={option.kind}
              disabled={isBusy}
              onClick={() => void choose(option.id)}
            >
              {option.label}
            </button>
          ))}
          {approval.expiresAt !== undefined && (
            <span class="approval-until">until {new Date(approval.expiresAt).toLocaleTimeString()}</span>
          )}
        </div>
      )}
    </section>
  );
}
