/** Counts what kept the page from answering. Where an engine has no such entries (WebKit) `isKnown` is false. */
export interface LongTasks {
  readonly isKnown: boolean;
  /** Unit: ms. */
  longestMs(): number;
  stop(): void;
}

export function watchLongTasks(): LongTasks {
  const isKnown = PerformanceObserver.supportedEntryTypes.includes("longtask");
  let longest = 0;
  const take = (entries: readonly PerformanceEntry[]): void => {
    for (const { duration } of entries) longest = Math.max(longest, duration);
  };
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  if (isKnown) observer.observe({ type: "longtask" });
  return {
    isKnown,
    longestMs() {
      take(observer.takeRecords());
      return longest;
    },
    stop: () => observer.disconnect(),
  };
}
