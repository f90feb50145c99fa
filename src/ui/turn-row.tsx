import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { SessionId } from "../protocol/ids.ts";
import type { TurnRow, TurnSlot } from "../state/turn-groups.ts";
import { Answer } from "./answer.tsx";
import { useApp } from "./app-context.ts";
import { Icon } from "./icons.tsx";
import { useKeptState } from "./use-kept-state.ts";
import { useTaken } from "./use-taken.ts";
import { UserMessage } from "./user-message.tsx";

interface TurnRowProps {
  readonly row: TurnRow;
  readonly session: SessionId;
}

/** A turn, or several side by side. Rendered again only when the row itself is another. */
export function TurnRowView({ row, session }: TurnRowProps): JSX.Element {
  return useMemo(
    () => (
      <div class="turn-row" data-row={row.key} data-beside={row.slots.length > 1}>
        {row.slots.map((slot) => (
          <TurnSlotView key={slot.key} slot={slot} session={session} />
        ))}
      </div>
    ),
    [row, session],
  );
}

function TurnSlotView({
  slot,
  session,
}: {
  readonly slot: TurnSlot;
  readonly session: SessionId;
}): JSX.Element | null {
  const { conversation } = useApp().state;
  const count = slot.alternatives.length;
  /** Counted from the end, so that a new alternative is shown at once. */
  const [chosen, setChosen] = useKeptState<{ readonly count: number; readonly at: number }>(
    `alternative ${slot.key}`,
    { count, at: count - 1 },
  );
  // Shown once: who chooses another alternative afterwards keeps it when its row comes back into the page.
  useTaken(conversation.target, (target) => {
    if (target.kind !== "turn") return false;
    const wanted = slot.alternatives.findIndex((turn) => turn.id === target.turn);
    if (wanted >= 0 && wanted !== at) setChosen({ count, at: wanted });
    return wanted >= 0;
  });
  const at = chosen.count === count ? chosen.at : count - 1;
  const turn = slot.alternatives[at];
  if (turn === undefined) return null;
  const isLatest = at === count - 1;
  return (
    <div class="turn" data-turn={turn.id}>
      {(turn.text.trim() !== "" || turn.continues === undefined) && <UserMessage turn={turn} />}
      {turn.continues !== undefined && turn.text.trim() === "" && <p class="turn-note">Continued</p>}
      {turn.status !== "queued" && <Answer key={turn.id} turn={turn} session={session} isLatest={isLatest} />}
      {turn.status === "queued" && turn.text.trim() === "" && <p class="turn-note">Waiting its turn</p>}
      {count > 1 && (
        <fieldset class="alternatives" aria-label="Other answers to this">
          <button
            type="button"
            class="icon-button"
            aria-label="Previous alternative"
            disabled={at === 0}
            onClick={() => setChosen({ count, at: at - 1 })}
          >
            <Icon name="chevronLeft" />
          </button>
          <span>
            {at + 1} of {count}
          </span>
          <button
            type="button"
            class="icon-button"
            aria-label="Next alternative"
            disabled={isLatest}
            onClick={() => setChosen({ count, at: at + 1 })}
          >
            <Icon name="chevron" />
          </button>
        </fieldset>
      )}
    </div>
  );
}
