/**
 * How wide the columns are of a table of the first `groups` groups of rows, in that place. Measured in a copy: were the rest
 * hidden for it, the conversation would be shorter for a moment, and its place lost.
 *
 * @returns With the line before the first column. Unit: px.
 */
export function measureColumns(scroller: HTMLElement, table: HTMLTableElement, groups: number): number[] {
  const holder = document.createElement("div");
  holder.style.cssText = "height: 0; overflow: hidden; visibility: hidden";
  const copy = document.createElement("table");
  for (const part of [table.tHead, ...Array.from(table.tBodies).slice(0, groups)])
    if (part !== null) copy.append(part.cloneNode(true));
  holder.append(copy);
  scroller.append(holder);
  const cells = Array.from(copy.rows[0]?.cells ?? []);
  const widths = cells.map((cell) => cell.getBoundingClientRect().width);
  holder.remove();
  // Of lines that fall together each cell has half; in rows that stand by themselves the first cell has one more.
  return widths.map((width, at) => (at === 0 ? width + 1 : width));
}
