import { AWAY_MS, HIDDEN_TICK_MS } from "./delays.ts";
import type { Clock, Disposer } from "./ports.ts";

export interface WatchdogHooks {
  /** `visible`: viewed and looked at; `hidden`: only a stream that was left open; `off`: nothing to watch. */
  need(): "visible" | "hidden" | "off";
  /** The wall clock jumped: the device slept, whatever the page was told. */
  onJump(): void;
  /** Look for dead sockets. */
  check(nowMs: number): void;
  /** How often a visible page looks. Unit: ms. */
  tickMs(): number;
}

export interface Watchdog {
  /** What is needed may have changed. */
  update(): void;
  dispose(): void;
}

/**
 * One timer for all that dies without an event. Durations are told by wall clock, never by counting ticks:
 * a tick only says "look now". A gap between ticks is itself the news: on a phone that slept it comes first,
 * before buffered messages and errors.
 */
export function createWatchdog(clock: Clock, hooks: WatchdogHooks): Watchdog {
  let running: "visible" | "hidden" | "off" = "off";
  let timer: Disposer | undefined;
  let isDisposed = false;

  function arm(): void {
    const delayMs = running === "visible" ? hooks.tickMs() : HIDDEN_TICK_MS;
    const dueMs = clock.now() + delayMs;
    timer = clock.setTimer(delayMs, () => {
      timer = undefined;
      tick(dueMs, delayMs);
    });
  }

  function tick(dueMs: number, delayMs: number): void {
    const nowMs = clock.now();
    // Stopped just after the look before, the page has been away for longer than this look is late.
    const mostAwayMs = Math.abs(nowMs - dueMs) + delayMs;
    // Hidden timers are late by design; there the jump is looked at on return.
    if (running === "visible" && mostAwayMs > AWAY_MS) hooks.onJump();
    else hooks.check(nowMs);
    update();
    if (running !== "off" && timer === undefined && !isDisposed) arm();
  }

  function update(): void {
    if (isDisposed) return;
    const need = hooks.need();
    if (need === running) return;
    running = need;
    timer?.();
    timer = undefined;
    if (running !== "off") arm();
  }

  return {
    update,
    dispose() {
      isDisposed = true;
      timer?.();
      timer = undefined;
    },
  };
}
