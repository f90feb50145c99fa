import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useApp } from "./app-context.ts";
import { Modal } from "./modal.tsx";

export function SignOutDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { actions } = useApp();
  const [isWiping, setWiping] = useState(false);
  const [complaint, setComplaint] = useState<string | undefined>(undefined);

  async function submit(): Promise<void> {
    const problem = await actions.signOut(isWiping);
    setComplaint(problem);
    if (problem === undefined) onClose();
  }

  return (
    <Modal title="Sign out" onClose={onClose}>
      <form
        class="modal-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p>Answers that are running go on without you.</p>
        <label class="check">
          <input
            type="checkbox"
            checked={isWiping}
            onChange={(event) => setWiping(event.currentTarget.checked)}
          />
          <span>
            Also remove everything kept in this browser: sessions, drafts, and messages not sent yet
          </span>
        </label>
        {complaint !== undefined && (
          <p class="complaint" role="alert">
            {complaint}
          </p>
        )}
        <div class="modal-buttons">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            Sign out
          </button>
        </div>
      </form>
    </Modal>
  );
}
