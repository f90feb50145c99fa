import type { JSX } from "preact";
import { useApp } from "./app-context.ts";

/** Says that a jump is on its way, and lets it be called off. What takes no time is not mentioned. */
export function JumpProgress(): JSX.Element | null {
  const { state, actions } = useApp();
  const earlier = state.conversation.earlier.value;
  if (earlier.kind !== "loading" || !earlier.isJump) return null;
  return (
    <output class="jump-progress">
      <span>
        {earlier.loadedTurns === 0
          ? "Looking for the message…"
          : `Loading all up to the message: ${earlier.loadedTurns.toLocaleString()} so far…`}
      </span>
      <button type="button" class="link-button" onClick={() => actions.cancelJump()}>
        Cancel
      </button>
    </output>
  );
}
