import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { bufferText } from "../protocol/conversation.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { PartView, TurnView } from "../state/turn-view.ts";
import { useApp } from "./app-context.ts";
import { useBusy } from "./use-busy.ts";
import { ApprovalCard } from "./approval-card.tsx";
import { focusComposer } from "./composer-focus.ts";
import { CopyButton } from "./copy-button.tsx";
import { PlanCard } from "./plan-card.tsx";
import { Reasoning } from "./reasoning.tsx";
import { TextMount } from "./text-mount.tsx";
import { ToolCard } from "./tool-card.tsx";

interface AnswerProps {
  readonly turn: TurnView;
  readonly session: SessionId;
  /** Whether no alternative has taken its place. */
  readonly isLatest: boolean;
}

interface Place {
  readonly part: PartView;
  readonly style: { readonly order: number };
  readonly isAfterText: boolean;
}

/**
 * One answer. All answer text lies in ONE element; parts that came between its pieces are shown between them by
 * their `order`: that element generates no box of its own. In the document they stand before or after all of it.
 */
export function Answer({ turn, session, isLatest }: AnswerProps): JSX.Element {
  const { state } = useApp();
  const isRunning = turn.status === "running";
  const { article, onWhole } = useBusy(turn);
  const agent = state.agents.agents.value.find((candidate) => candidate.id === turn.agent);
  const isThinking = (part: PartView): boolean => isRunning && part === turn.parts.at(-1);
  // Nothing comes while a person is waited for: a caret that beats would say otherwise.
  const isAsking = isRunning && turn.approvals.some((approval) => approval.resolved === undefined);
  const firstText = turn.parts.findIndex((part) => part.type === "text");
  const places: readonly Place[] = turn.parts.map((part, index) => ({
    part,
    style: { order: index + 1 },
    isAfterText: firstText >= 0 && index > firstText,
  }));
  const others = places.filter(({ part }) => part.type !== "text");
  const renderOther = ({ part, style }: Place): JSX.Element => (
    <div key={part.id} class="answer-part" data-part-id={part.id} style={style}>
      {part.type === "reasoning" ? (
        <Reasoning session={session} turn={turn} part={part} isThinking={isThinking(part)} />
      ) : (
        <ToolCard session={session} turn={turn} part={part} />
      )}
      {turn.approvals
        .filter((approval) => approval.part === part.id)
        .map((approval) => (
          <ApprovalCard key={approval.id} approval={approval} turn={turn} />
        ))}
    </div>
  );
  const loose = turn.approvals.filter((approval) => !others.some(({ part }) => part.id === approval.part));
  return (
    // `aria-busy` is said past the virtual DOM, like the text that it is about.
    <article ref={article} class="message answer" aria-label="Answer" data-outcome={turn.outcome}>
      <header class="answer-head">
        <span class="answer-agent">{agent?.title ?? turn.model ?? turn.agent ?? ""}</span>
        {isRunning && turn.parts.length === 0 && <span class="answer-wait">is getting ready…</span>}
      </header>
      <div class="answer-body">
        {turn.plans.length > 0 && <PlanCard plans={turn.plans} isRunning={isRunning} />}
        {others.filter(({ isAfterText }) => !isAfterText).map(renderOther)}
        <div class="answer-text" data-part="text">
          {places
            .filter(({ part }) => part.type === "text")
            .map(({ part, style }) => (
              <div
                key={part.id}
                class="answer-part"
                data-part-id={part.id}
                data-growing={isThinking(part) && !isAsking}
                style={style}
              >
                <TextMount
                  session={session}
                  turn={turn.id}
                  part={part}
                  kind="answer"
                  isSettled={!isRunning}
                  hasCaret={isThinking(part) && !isAsking}
                  class="prose"
                  onWhole={() => onWhole(part.id)}
                />
              </div>
            ))}
        </div>
        {others.filter(({ isAfterText }) => isAfterText).map(renderOther)}
        {loose.length > 0 && (
          <div class="answer-part" style={{ order: turn.parts.length + 1 }}>
            {loose.map((approval) => (
              <ApprovalCard key={approval.id} approval={approval} turn={turn} />
            ))}
          </div>
        )}
      </div>
      {!isRunning && <AnswerFoot turn={turn} isLatest={isLatest} />}
    </article>
  );
}

const OUTCOME_WORDS = {
  failed: "This answer failed.",
  stopped: "Stopped.",
  interrupted: "Interrupted: the server was restarted while it was being written. What was there is kept.",
} as const;

function AnswerFoot({
  turn,
  isLatest,
}: {
  readonly turn: TurnView;
  readonly isLatest: boolean;
}): JSX.Element {
  const { actions, state } = useApp();
  const { outcome } = turn;
  const isContinued = useComputed(() => state.conversation.continued.value.has(turn.id)).value;
  const text = (): string =>
    turn.parts
      .filter((part) => part.type === "text")
      .map((part) => bufferText(part.buffer))
      .join("\n\n");
  const hasText = turn.parts.some((part) => part.type === "text" && part.buffer.length > 0);
  return (
    <footer class="answer-foot">
      {outcome !== undefined && outcome !== "complete" && (
        <div class="outcome" data-outcome={outcome}>
          <p>
            {outcome === "failed" && turn.error !== undefined ? turn.error.message : OUTCOME_WORDS[outcome]}
          </p>
          {isLatest && (
            <div class="outcome-buttons">
              <button
                type="button"
                class="button"
                onClick={() => {
                  focusComposer();
                  actions.retry(turn);
                }}
              >
                Retry
              </button>
              {!isContinued && (
                <button
                  type="button"
                  class="button"
                  onClick={() => {
                    focusComposer();
                    actions.continueTurn(turn);
                  }}
                >
                  Continue
                </button>
              )}
            </div>
          )}
        </div>
      )}
      <div class="answer-tools">
        {hasText && <CopyButton label="Copy answer" text={text} />}
        <CopyButton
          label="Copy link to here"
          icon="link"
          text={() => new URL(actions.linkTo(turn.id), location.href).href}
        />
        {usageWords(turn) !== undefined && <span class="usage">{usageWords(turn)}</span>}
      </div>
    </footer>
  );
}

function usageWords(turn: TurnView): string | undefined {
  const tokens = turn.usage?.outputTokens;
  const words: string[] = [];
  if (tokens !== undefined) words.push(`${tokens.toLocaleString()} tokens`);
  if (turn.startedAt !== undefined && turn.endedAt !== undefined) {
    const seconds = Math.max(0, (turn.endedAt - turn.startedAt) / 1000);
    words.push(seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`);
  }
  return words.length === 0 ? undefined : words.join(" · ");
}
