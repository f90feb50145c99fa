// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchLongTable } from "../../../../../src/ui/markdown/table/long-table.ts";
import { layOutByRows } from "../../../../../src/ui/markdown/table/row-layout.ts";

let setWidth: (width: number) => void = () => undefined;
/** Rows of each table whose columns were asked for, the header's included. */
let measuredRows: number[] = [];

beforeEach(() => {
  measuredRows = [];
  vi.useFakeTimers({ toFake: ["requestAnimationFrame", "cancelAnimationFrame"] });
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(run: (entries: { contentRect: { width: number } }[]) => void) {
        setWidth = (width) => run([{ contentRect: { width } }]);
      }
      observe(): void {
        setWidth(500);
      }
      disconnect(): void {
        setWidth = () => undefined;
      }
    },
  );
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockImplementation(function rect(
    this: HTMLElement,
  ) {
    const table = this.closest("table");
    if (this.previousElementSibling === null) measuredRows.push(table?.rows.length ?? 0);
    return new DOMRect(0, 0, 40 + (table?.rows.length ?? 0), 20);
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function createRow(cell: "th" | "td", columns: number): HTMLElement {
  const row = document.createElement("tr");
  for (let at = 0; at < columns; at += 1) row.append(document.createElement(cell));
  return row;
}

function addGroup(table: HTMLTableElement, rows = 64, columns = 2): void {
  const group = document.createElement("tbody");
  for (let at = 0; at < rows; at += 1) group.append(createRow("td", columns));
  table.append(group);
}

function createTable(groups: number, columns = 2): { scroller: HTMLElement; table: HTMLTableElement } {
  const scroller = document.createElement("div");
  const table = document.createElement("table");
  const header = document.createElement("thead");
  header.append(createRow("th", columns));
  table.append(header);
  for (let at = 0; at < groups; at += 1) addGroup(table, 64, columns);
  scroller.append(table);
  document.body.append(scroller);
  return { scroller, table };
}

/** What observers have to say, then a frame. */
async function nextFrame(): Promise<void> {
  await Promise.resolve();
  vi.advanceTimersToNextFrame();
}

test("columns are as wide as those of the first group, with the line before the first", async () => {
  const { scroller, table } = createTable(2);
  layOutByRows(scroller, table);
  await nextFrame();
  expect(table.className).toBe("md-by-rows");
  expect(table.style.getPropertyValue("--column-1")).toBe("106px");
  expect(table.style.getPropertyValue("--column-2")).toBe("105px");
  expect(table.style.getPropertyValue("--row")).toBe("211px");
  expect(scroller.children).toHaveLength(1);
});

test("they are measured anew when the rows have doubled, up to 1,024 rows, and not in between", async () => {
  const { scroller, table } = createTable(2);
  layOutByRows(scroller, table);
  for (let groups = 2; groups < 40; groups += 1) {
    await nextFrame();
    addGroup(table, 1);
  }
  expect(measuredRows.length).toBe(5);
  const { scroller: atOnce, table: whole } = createTable(40);
  measuredRows = [];
  layOutByRows(atOnce, whole);
  await nextFrame();
  expect(measuredRows).toEqual([1 + 1_024]);
});

test("another width has them measured anew, the same or none has not", async () => {
  const { scroller, table } = createTable(2);
  layOutByRows(scroller, table);
  await nextFrame();
  setWidth(500);
  await nextFrame();
  setWidth(0);
  await nextFrame();
  expect(measuredRows).toHaveLength(1);
  setWidth(300);
  await nextFrame();
  expect(measuredRows).toHaveLength(2);
});

test("each part says what it is, also what comes later", async () => {
  const { scroller, table } = createTable(2);
  layOutByRows(scroller, table);
  await nextFrame();
  table.tBodies[1]?.append(createRow("td", 2));
  await nextFrame();
  const roles = new Set(
    Array.from(
      table.querySelectorAll("*"),
      (part) => `${part.localName} ${part.getAttribute("role") ?? "nothing"}`,
    ),
  );
  expect(table.getAttribute("role")).toBe("table");
  expect([...roles].toSorted()).toEqual([
    "tbody rowgroup",
    "td cell",
    "th columnheader",
    "thead rowgroup",
    "tr row",
  ]);
});

test("a table that is not long after all, or is let go, is as it was", async () => {
  const before = createTable(1).table.outerHTML;
  const { scroller, table } = createTable(2);
  const dispose = layOutByRows(scroller, table);
  await nextFrame();
  table.tBodies[1]?.remove();
  await nextFrame();
  expect(table.outerHTML).toBe(before);
  addGroup(table);
  await nextFrame();
  expect(table.className).toBe("md-by-rows");
  dispose();
  dispose();
  table.tBodies[1]?.remove();
  expect(table.outerHTML).toBe(before);
});

test("more columns than the styles know leave it as it is", async () => {
  const { scroller, table } = createTable(2, 33);
  layOutByRows(scroller, table);
  await nextFrame();
  expect(table.attributes).toHaveLength(0);
});

test("what long tables need is loaded with the second group of rows, and not used after the end", async () => {
  const end = vi.fn<() => void>();
  const layOut = vi.fn<typeof layOutByRows>(() => end);
  const load = vi.fn<() => Promise<{ layOutByRows: typeof layOutByRows }>>(() =>
    Promise.resolve({ layOutByRows: layOut }),
  );
  const first = createTable(0);
  const dispose = watchLongTable(first.scroller, load);
  addGroup(first.table);
  await nextFrame();
  expect(load).not.toHaveBeenCalled();
  addGroup(first.table, 1);
  await vi.waitFor(() => expect(layOut).toHaveBeenCalledWith(first.scroller, first.table));
  dispose();
  dispose();
  expect(end).toHaveBeenCalledTimes(1);
  const second = createTable(0);
  const disposeSecond = watchLongTable(second.scroller, load);
  addGroup(second.table);
  addGroup(second.table);
  await Promise.resolve();
  expect(load).toHaveBeenCalledTimes(2);
  disposeSecond();
  await nextFrame();
  expect(layOut).toHaveBeenCalledTimes(1);
});
