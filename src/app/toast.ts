import type { Disposer } from "../streaming/ports.ts";
import type { AppContext } from "./app-context.ts";
import { TOAST_MS } from "./delays-and-limits.ts";

/** Says what went wrong, for a while. */
export interface Toast {
  say(words: string): void;
  clear(): void;
}

export function createToast(context: AppContext): Toast {
  let stopTimer: Disposer = () => undefined;
  const clear = (): void => {
    stopTimer();
    context.state.shell.setToast(undefined);
  };
  return {
    say(words) {
      stopTimer();
      context.state.shell.setToast(words);
      stopTimer = context.environment.ports.clock.setTimer(TOAST_MS, clear);
    },
    clear,
  };
}
