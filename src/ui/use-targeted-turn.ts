import { effect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { TurnTarget } from "../state/conversation-state.ts";
import { useApp } from "./app-context.ts";

/** Targets that have been shown: who chooses another alternative afterwards keeps it when its row comes back into the page. */
const SHOWN = new WeakSet<TurnTarget>();

/** Calls `show` with the turn that a jump is for, before the page is painted, until one answers that it is its own. */
export function useTargetedTurn(show: (turn: string) => boolean): void {
  const { conversation } = useApp().state;
  const latest = useRef(show);
  latest.current = show;
  useLayoutEffect(
    () =>
      effect(() => {
        const target = conversation.target.value;
        if (target?.kind === "turn" && !SHOWN.has(target) && latest.current(target.turn)) SHOWN.add(target);
      }),
    [conversation],
  );
}
