import type { JSX } from "preact";
import { useApp } from "./app-context.ts";

/** What stands between turns far up and the rest, which are not loaded. They come in by themselves; the button is for when they can't. */
export function MissingTurns(): JSX.Element {
  const { state, actions } = useApp();
  const between = state.conversation.between.value;
  const load = (): void => void actions.loadBetween("above");
  return (
    <div class="missing-turns" data-failed={between.kind === "failed"}>
      {between.kind === "failed" && (
        <p class="earlier-failure" role="alert">
          {between.why}
        </p>
      )}
      <button type="button" class="button" disabled={between.kind === "loading"} onClick={load}>
        {between.kind === "loading"
          ? "Loading…"
          : between.kind === "failed"
            ? "Try again"
            : "Load the messages between"}
      </button>
    </div>
  );
}
