/**
 * Keeps what a frame costs from growing with the rows of a table: as long as it is laid out as a whole, it is so with each
 * new word. [1,500 rows: 14 ms a frame in Chromium.]
 *
 * @param scroller Holds a table to which rows may still come.
 * @param load What only long tables need; without it they are as slow as they are.
 * @returns An idempotent disposer.
 */
export function watchLongTable(scroller: HTMLElement, load = () => import("./row-layout.ts")): () => void {
  const table = scroller.querySelector("table");
  let release = (): void => undefined;
  let isDisposed = false;
  const observer = new MutationObserver(() => {
    if (table === null || !isLong(table)) return;
    observer.disconnect();
    void layOut(table);
  });

  async function layOut(long: HTMLTableElement): Promise<void> {
    const module = await load().catch(() => undefined);
    if (module !== undefined && !isDisposed) release = module.layOutByRows(scroller, long);
  }

  if (table !== null) observer.observe(table, { childList: true });
  return () => {
    isDisposed = true;
    observer.disconnect();
    release();
    release = () => undefined;
  };
}

/** Its rows fill more than one `tbody`, which the writer gives 64 each. */
export function isLong(table: HTMLTableElement): boolean {
  return table.tBodies.length > 1;
}
