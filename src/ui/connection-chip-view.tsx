import type { JSX } from "preact";
import { useApp } from "./app-context.ts";

/** How this page stands to the server, in a word. Quiet when all is well. */
export function ConnectionChipView(): JSX.Element {
  const { state, actions } = useApp();
  const chip = state.connection.chip.value;
  return (
    <div class="chip-group">
      {/* Not live for screen readers: a countdown would be read every second. Changes that matter are announced. */}
      <output aria-label="Connection" aria-live="off" class="chip" data-tone={chip.tone} title={chip.detail}>
        {chip.text}
      </output>
      {chip.action === "retry-now" && (
        <button type="button" class="button small" onClick={() => actions.retryNow()}>
          Retry now
        </button>
      )}
      {chip.action === "sign-in" && (
        <button type="button" class="button small" onClick={() => actions.setSignInOpen(true)}>
          Sign in
        </button>
      )}
      {chip.action === "reload" && (
        <button type="button" class="button small" onClick={() => actions.reload()}>
          Reload
        </button>
      )}
    </div>
  );
}
