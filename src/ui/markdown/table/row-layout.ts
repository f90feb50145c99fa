import { isLong } from "./long-table.ts";
import { measureColumns } from "./measure-columns.ts";
import { followRoles } from "./table-roles.ts";
import "./row-layout.css";

/** The style sheet knows so many columns; a wider table stays as it is. */
const MAX_COLUMNS = 32;
/** Groups of rows that are measured at most, of 64 each. */
const MAX_MEASURED_GROUPS = 16;

/**
 * Lays a long table out row by row, with columns as wide as a table of its first rows has them: those of its first group,
 * of the first two when a third has begun, of four with the fifth, and so on. So the columns are a matter of the text and of
 * the width alone, nothing moves when this begins, and a column that was narrow at first is not for good. What is wider than
 * its column breaks. All of it stays one `table`, for whoever copies it and for assistive technology.
 *
 * @param scroller Holds the table; no wider than its place. Returns an idempotent disposer, which leaves the table as it was.
 */
export function layOutByRows(scroller: HTMLElement, table: HTMLTableElement): () => void {
  let frame: number | undefined;
  let measuredGroups = 0;
  let measuredPx = 0;
  let placePx = 0;
  let endRoles: (() => void) | undefined;

  // Not at once: what an observer of sizes changes may be told to it in the same frame, and is reported as an error.
  const ask = (): void => {
    frame ??= requestAnimationFrame(update);
  };
  const groups = new MutationObserver(ask);
  groups.observe(table, { childList: true });
  const sizes = new ResizeObserver(([entry]) => {
    if (entry === undefined || entry.contentRect.width === placePx) return;
    placePx = entry.contentRect.width;
    ask();
  });
  sizes.observe(scroller);

  function update(): void {
    frame = undefined;
    if (!isLong(table)) {
      release();
      return;
    }
    const count = Math.min(MAX_MEASURED_GROUPS, 2 ** Math.floor(Math.log2(table.tBodies.length - 1)));
    // Without a width it isn't seen.
    if (placePx === 0 || (count === measuredGroups && placePx === measuredPx)) return;
    const columns = measureColumns(scroller, table, count);
    if (columns.length > MAX_COLUMNS) return;
    measuredGroups = count;
    measuredPx = placePx;
    for (const [at, width] of columns.entries()) table.style.setProperty(`--column-${at + 1}`, `${width}px`);
    table.style.setProperty("--row", `${columns.reduce((sum, width) => sum + width, 0)}px`);
    table.classList.add("md-by-rows");
    endRoles ??= followRoles(table);
  }

  function release(): void {
    measuredGroups = 0;
    endRoles?.();
    endRoles = undefined;
    table.removeAttribute("class");
    table.removeAttribute("style");
  }

  return () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    groups.disconnect();
    sizes.disconnect();
    release();
  };
}
