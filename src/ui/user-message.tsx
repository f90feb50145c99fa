import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { TurnId } from "../protocol/ids.ts";
import type { TurnView } from "../state/turn-view.ts";
import { useApp } from "./app-context.ts";
import { focusComposer, isPressedByKey } from "./composer-focus.ts";

/** What is being made of queued messages, kept over a look at another session. */
const EDITS = new Map<TurnId, string>();

/** What was asked; while it waits, with what can still be done about it. */
export function UserMessage({ turn }: { readonly turn: TurnView }): JSX.Element {
  const { actions, state } = useApp();
  const [isEditing, setEditing] = useState(EDITS.has(turn.id));

  useEffect(() => {
    const edited = EDITS.get(turn.id);
    if (turn.status === "queued" || edited === undefined) return;
    // Too late to change what was asked; what was written is not lost for that.
    EDITS.delete(turn.id);
    setEditing(false);
    if (edited.trim() === "" || edited === turn.text) return;
    const written = state.draft.text.peek();
    actions.setDraft(written.trim() === "" ? edited : `${written}\n\n${edited}`);
  }, [turn]);

  return (
    <article
      class="message you"
      aria-label="You"
      data-delivery={turn.delivery.kind}
      data-status={turn.status}
    >
      {isEditing && turn.status === "queued" ? (
        <EditQueued
          turn={turn}
          onDone={(isByKey) => {
            focusComposer(isByKey);
            // Saved or given up: neither is to come back.
            EDITS.delete(turn.id);
            setEditing(false);
          }}
        />
      ) : (
        <div class="you-text">{turn.text}</div>
      )}
      {turn.attachments.length > 0 && (
        <ul class="attachments">
          {turn.attachments.map((attachment) => (
            <li key={attachment.name}>{attachment.name}</li>
          ))}
        </ul>
      )}
      <Waiting turn={turn} isEditing={isEditing} onEdit={() => setEditing(true)} />
    </article>
  );
}

interface WaitingProps {
  readonly turn: TurnView;
  readonly isEditing: boolean;
  readonly onEdit: () => void;
}

/** A button that its own press takes away: the focus goes to the composer, not to nowhere. */
function LeavingButton({ label, run }: { readonly label: string; readonly run: () => void }): JSX.Element {
  return (
    <button
      type="button"
      class="link-button"
      onClick={() => {
        focusComposer();
        run();
      }}
    >
      {label}
    </button>
  );
}

function Waiting({ turn, isEditing, onEdit }: WaitingProps): JSX.Element | null {
  const { actions } = useApp();
  if (turn.status !== "queued" || isEditing) return null;
  const { delivery } = turn;
  switch (delivery.kind) {
    case "waiting":
      return (
        <div class="waiting" data-kind="waiting">
          <span>Waiting to send</span>
          <LeavingButton label="Edit" run={() => void actions.takeBack(delivery.entry)} />
          <LeavingButton label="Discard" run={() => void actions.discardWaiting(delivery.entry)} />
        </div>
      );
    case "refused":
      return (
        <div class="waiting" data-kind="refused" role="alert">
          <span>Refused: {delivery.why}</span>
          <LeavingButton label="Edit" run={() => void actions.takeBack(delivery.entry)} />
          <LeavingButton label="Discard" run={() => void actions.discardWaiting(delivery.entry)} />
        </div>
      );
    case "sent":
      return null;
    case "accepted":
      return (
        <div class="waiting" data-kind="queued">
          <span>Queued</span>
          <button type="button" class="link-button" onClick={onEdit}>
            Edit
          </button>
          <LeavingButton label="Withdraw" run={() => void actions.withdraw(turn.id)} />
        </div>
      );
  }
}

interface EditProps {
  readonly turn: TurnView;
  readonly onDone: (isByKey: boolean) => void;
}

function EditQueued({ turn, onDone }: EditProps): JSX.Element {
  const { actions } = useApp();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(EDITS.get(turn.id) ?? turn.text);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => field.current?.focus(), []);

  async function save(): Promise<void> {
    // Now: a button that is busy keeps no focus to be asked of.
    const isByKey = isPressedByKey();
    setBusy(true);
    const isTaken = await actions.editQueued(turn.id, text);
    setBusy(false);
    if (isTaken) onDone(isByKey);
  }

  return (
    <form
      class="edit-queued"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <textarea
        ref={field}
        aria-label="Queued text"
        rows={Math.min(10, text.split("\n").length + 1)}
        value={text}
        onInput={(event) => {
          EDITS.set(turn.id, event.currentTarget.value);
          setText(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape" && !event.isComposing) onDone(true);
        }}
      />
      <div class="edit-buttons">
        <button type="button" class="button" onClick={() => onDone(isPressedByKey())}>
          Cancel
        </button>
        <button type="submit" class="button primary" disabled={isBusy || text.trim() === ""}>
          Save
        </button>
      </div>
    </form>
  );
}
