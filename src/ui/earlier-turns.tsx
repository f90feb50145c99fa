import type { JSX } from "preact";
import { useApp } from "./app-context.ts";

/** What stands above the first turn that is loaded. They come in by themselves; the button is for when they can't. */
export function EarlierTurns(): JSX.Element | null {
  const { state, actions } = useApp();
  const earlier = state.conversation.earlier.value;
  // Gone with the last page, in the same frame: a moment later it would move what is read at the very top.
  if (!state.conversation.hasMore.value) return null;
  switch (earlier.kind) {
    case "idle":
      return (
        <div class="earlier">
          <button type="button" class="button load-earlier" onClick={() => void actions.loadEarlier()}>
            Load earlier
          </button>
        </div>
      );
    case "loading":
      return (
        <div class="earlier">
          <button type="button" class="button load-earlier" disabled>
            Loading…
          </button>
        </div>
      );
    case "failed":
      return (
        <div class="earlier" role="alert">
          <p class="earlier-failure">{earlier.why}</p>
          <button type="button" class="button load-earlier" onClick={() => void actions.loadEarlier()}>
            Try again
          </button>
        </div>
      );
  }
}
