import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useApp } from "./app-context.ts";
import { Modal } from "./modal.tsx";

/** What is written and shown stays as it is behind it. */
export function SignInDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { actions } = useApp();
  const [password, setPassword] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [complaint, setComplaint] = useState<string | undefined>(undefined);

  async function submit(): Promise<void> {
    setBusy(true);
    setComplaint(undefined);
    const problem = await actions.signIn(password);
    setBusy(false);
    setComplaint(problem);
  }

  return (
    <Modal title="Sign in" onClose={onClose}>
      <form
        class="modal-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p>This server asks for a password. Nothing you wrote is lost.</p>
        <label class="field">
          <span>Password</span>
          <input
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        {complaint !== undefined && (
          <p class="complaint" role="alert">
            {complaint}
          </p>
        )}
        <div class="modal-buttons">
          <button type="button" class="button" onClick={onClose}>
            Later
          </button>
          <button type="submit" class="button primary" disabled={isBusy || password === ""}>
            Sign in
          </button>
        </div>
      </form>
    </Modal>
  );
}
