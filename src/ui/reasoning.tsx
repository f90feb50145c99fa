import type { JSX } from "preact";
import type { SessionId } from "../protocol/ids.ts";
import type { PartView, TurnView } from "../state/turn-view.ts";
import { TextMount } from "./text-mount.tsx";
import { useSearchOpening } from "./use-search-opening.ts";
import { useKeptState } from "./use-kept-state.ts";

interface ReasoningProps {
  readonly session: SessionId;
  readonly turn: TurnView;
  readonly part: PartView;
  readonly isThinking: boolean;
}

/** Open while it grows, folded when done; what the reader chose stays. */
export function Reasoning({ session, turn, part, isThinking }: ReasoningProps): JSX.Element {
  const [chosen, setChosen] = useKeptState<boolean | undefined>(`reasoning ${turn.id} ${part.id}`, undefined);
  useSearchOpening(turn.id, part.id, () => setChosen(true));
  const isOpen = chosen ?? isThinking;
  return (
    <details class="reasoning" open={isOpen} data-live={isThinking}>
      <summary
        onClick={(event) => {
          event.preventDefault();
          setChosen(!isOpen);
        }}
      >
        {isThinking ? "Thinking…" : "Thought about it"}
      </summary>
      <div data-part="reasoning">
        <TextMount
          session={session}
          turn={turn.id}
          part={part}
          kind="plain"
          isSettled={!isThinking}
          class="plain-text"
        />
      </div>
    </details>
  );
}
