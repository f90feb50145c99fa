/** In the page: tells of its longest task between two moments. */
export interface TaskProbe {
  begin(): void;
  /** Forgets all tasks before the one that runs now; of this one all counts. */
  forget(): void;
  /** The longest since then. In Chromium 0 where none was over 50 ms. Unit: ms. */
  end(): number;
}

/** An init script: puts a {@link TaskProbe} into `window.taskProbe`. */
export const TASK_PROBE = `window.taskProbe = (() => {
  const isTold = PerformanceObserver.supportedEntryTypes.includes("longtask");
  let longestMs = 0;
  let isOn = false;
  let begunMs = 0;
  const note = (ms) => { if (isOn) longestMs = Math.max(longestMs, ms); };
  // An entry comes some time after its task.
  const take = (entries) => {
    for (const { startTime, duration } of entries) if (startTime + duration >= begunMs) note(duration);
  };
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  if (isTold) observer.observe({ type: "longtask" });
  // Where tasks are not told of: a message that is answered by the next turn of the loop.
  const { port1, port2 } = new MessageChannel();
  let turnMs = 0;
  port2.addEventListener("message", () => {
    if (!isOn) return;
    note(performance.now() - turnMs);
    turnMs = performance.now();
    port1.postMessage(0);
  });
  port2.start();
  return {
    begin() {
      longestMs = 0;
      isOn = true;
      begunMs = performance.now();
      if (isTold) return;
      turnMs = begunMs;
      port1.postMessage(0);
    },
    forget() {
      longestMs = 0;
      begunMs = performance.now();
    },
    end() {
      take(observer.takeRecords());
      isOn = false;
      return longestMs;
    },
  };
})();`;
