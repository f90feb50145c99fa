import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useApp } from "./app-context.ts";
import { Modal } from "./modal.tsx";

export function ClearDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { actions } = useApp();
  const [isBusy, setBusy] = useState(false);
  return (
    <Modal title="Clear this browser" onClose={onClose}>
      <form
        class="modal-form"
        onSubmit={(event) => {
          event.preventDefault();
          setBusy(true);
          void actions.wipe();
        }}
      >
        <p>
          Removes what is kept here: copies of sessions, drafts, and messages not sent yet, in all tabs. The
          sessions themselves stay on the server.
        </p>
        <div class="modal-buttons">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={isBusy}>
            Clear
          </button>
        </div>
      </form>
    </Modal>
  );
}
