/** A place in what is read, as elements that move with it. */
export interface Anchor {
  /** The row that the reader sees first, by its key; or would see first further down. */
  readonly row: string;
  /** Of the row's top below the scroller's; negative when it begins above. Unit: px. */
  readonly offsetPx: number;
  /** Not so where all that is seen is a gap: the row is the first below it, which tells what is put above from what grows. */
  readonly isSeen: boolean;
  /** The row and what is in it, down to a paragraph, each with its own offset: the deepest that still stands counts. */
  readonly rungs: readonly Rung[];
}

interface Rung {
  readonly element: Element;
  readonly offsetPx: number;
}

/** How sticky-scroll finds what is read. */
export interface Anchors {
  /** What is seen first now, or comes first below; undefined while no row is there. */
  capture(): Anchor | undefined;
  /** How far it has moved down since. Undefined while its row is not in the page. Unit: px. */
  shiftOf(anchor: Anchor): number | undefined;
}

/** A row that is to stand at an offset; it need not be in the page yet. */
export function anchorAt(row: string, offsetPx: number): Anchor {
  return { row, offsetPx, isSeen: true, rungs: [] };
}

/** How deep below its row an anchor goes: to the blocks of an answer. */
const MAX_RUNGS = 12;

export function createTurnAnchors(scroller: HTMLElement): Anchors {
  const edge = (): number => scroller.getBoundingClientRect().top;

  function firstSeen(rows: ArrayLike<Element>, top: number): Element | undefined {
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) > top + 1) high = middle;
      else low = middle + 1;
    }
    return rows[low];
  }

  return {
    capture() {
      const top = edge();
      const row = firstSeen(scroller.querySelectorAll(".turn-row"), top);
      if (!(row instanceof HTMLElement) || row.dataset["row"] === undefined) return undefined;
      const isSeen = row.getBoundingClientRect().top - top <= scroller.clientHeight;
      const rungs: Rung[] = [];
      let element: Element | undefined = row;
      while (element !== undefined && rungs.length < MAX_RUNGS) {
        rungs.push({ element, offsetPx: element.getBoundingClientRect().top - top });
        element = childAt(element, top);
      }
      return { row: row.dataset["row"], offsetPx: rungs[0]?.offsetPx ?? 0, isSeen, rungs };
    },
    shiftOf(anchor) {
      const top = edge();
      for (const { element, offsetPx } of anchor.rungs.toReversed()) {
        if (scroller.contains(element) && element.getClientRects().length > 0) {
          return element.getBoundingClientRect().top - top - offsetPx;
        }
      }
      const row = findRow(scroller, anchor.row);
      return row === undefined ? undefined : row.getBoundingClientRect().top - top - anchor.offsetPx;
    },
  };
}

/** The row of that key, if it is in the page. */
export function findRow(scroller: Element, key: string): HTMLElement | undefined {
  const row = scroller.querySelector(`.turn-row[data-row="${CSS.escape(key)}"]`);
  return row instanceof HTMLElement ? row : undefined;
}

/** The child that holds the line at `top`, or comes first below it. Those of an element without a box of its own count as its own. */
function childAt(parent: Element, top: number): Element | undefined {
  let found: Element | undefined;
  let foundTop = Number.POSITIVE_INFINITY;
  const look = (children: HTMLCollection): void => {
    for (const child of children) {
      const rects = child.getClientRects();
      if (rects.length === 0) {
        if (child.childElementCount > 0 && getComputedStyle(child).display === "contents")
          look(child.children);
        continue;
      }
      const rect = child.getBoundingClientRect();
      if (rect.bottom > top + 1 && rect.top < foundTop) {
        found = child;
        foundTop = rect.top;
      }
    }
  };
  look(parent.children);
  return found;
}
