import type { FaultTab } from "./fault-browser.ts";

/** How often the page's own timer fires to see whether it can. Unit: ms. */
const BEAT_MS = 10;

/** An init script: notes the longest time for which the page could do nothing else. */
export const WATCH_MAIN_THREAD = `{
  const busy = { longestTaskMs: 0, tasks: 0, longestGapMs: 0 };
  window.mainThreadBusy = busy;
  if (window.PerformanceObserver?.supportedEntryTypes?.includes("longtask")) {
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        busy.tasks += 1;
        busy.longestTaskMs = Math.max(busy.longestTaskMs, duration);
      }
    }).observe({ type: "longtask" });
  }
  let lastMs = performance.now();
  setInterval(() => {
    const nowMs = performance.now();
    if (document.visibilityState === "visible") busy.longestGapMs = Math.max(busy.longestGapMs, nowMs - lastMs - ${BEAT_MS});
    lastMs = nowMs;
  }, ${BEAT_MS});
}`;

/** Since the page began, or since `resetMainThread`. */
export interface MainThreadBusy {
  /** Tasks over 50 ms by the browser's own count; 0 where it keeps none (all but Chromium). */
  readonly tasks: number;
  readonly longestTaskMs: number;
  /** The longest that the page's own timer was late: a task, or other processes that took the processor. */
  readonly longestGapMs: number;
}

export function readMainThread(tab: FaultTab): Promise<MainThreadBusy> {
  return tab.evaluate(() => {
    const { tasks, longestTaskMs, longestGapMs } = Reflect.get(window, "mainThreadBusy") as MainThreadBusy;
    return {
      tasks,
      longestTaskMs: Math.round(longestTaskMs),
      longestGapMs: Math.round(longestGapMs),
    };
  }, undefined);
}

/** Begins the count anew. */
export function resetMainThread(tab: FaultTab): Promise<void> {
  return tab.evaluate(() => {
    Object.assign(Reflect.get(window, "mainThreadBusy") as object, {
      tasks: 0,
      longestTaskMs: 0,
      longestGapMs: 0,
    });
  }, undefined);
}

/** For the report. */
export function mainThreadWords(busy: MainThreadBusy): string {
  return busy.tasks === 0
    ? `no task over 50 ms told, timer late by at most ${busy.longestGapMs} ms`
    : `${busy.tasks} tasks over 50 ms, the longest ${busy.longestTaskMs} ms`;
}
