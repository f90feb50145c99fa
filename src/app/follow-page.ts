import { effect } from "@preact/signals";
import type { Disposer } from "../streaming/ports.ts";
import type { AppContext } from "./app-context.ts";
import { COUNTDOWN_STEP_MS, RELATIVE_TIME_STEP_MS } from "./delays-and-limits.ts";

/** The page's own life, and the two clocks that the eye sees. Nothing ticks while hidden. */
export function followPage(context: AppContext, onReturn: () => void): Disposer {
  const { engine, state } = context;
  const { ports } = context.environment;
  const { clock, page } = ports;
  let stopMinute: Disposer = () => undefined;
  let stopCountdown: Disposer = () => undefined;

  function readPage(): void {
    state.connection.setFacts({ isOffline: !page.isOnline(), isHidden: page.isHidden() });
  }

  function tickMinute(): void {
    stopMinute();
    state.shell.setMinute(clock.now());
    if (!page.isHidden()) stopMinute = clock.setTimer(RELATIVE_TIME_STEP_MS, tickMinute);
  }

  function tickCountdown(): void {
    stopCountdown();
    state.connection.tick(clock.now());
    if (state.connection.isCounting.peek()) {
      stopCountdown = clock.setTimer(COUNTDOWN_STEP_MS, tickCountdown);
    }
  }

  const unsubscribe = page.subscribe((event) => {
    readPage();
    switch (event) {
      case "visible":
      case "restored":
      case "online":
      case "resume":
        tickMinute();
        onReturn();
        break;
      case "hidden":
      case "pagehide":
      case "freeze":
        stopMinute();
        break;
      case "focus":
      case "offline":
        break;
    }
  });
  const stopEffect = effect(() => {
    if (state.connection.isCounting.value) tickCountdown();
    else stopCountdown();
  });
  const stopFailure = engine.poller.subscribe(() => {
    const failure = engine.poller.failure();
    state.connection.setFacts({
      listFailure: failure?.kind === "unreachable" ? failure.message : undefined,
      ...(failure?.kind === "update-needed" ? { isUpdateNeeded: true } : {}),
    });
  });
  readPage();
  tickMinute();
  return () => {
    unsubscribe();
    stopEffect();
    stopFailure();
    stopMinute();
    stopCountdown();
  };
}
