import type { RowGroup } from "../state/row-groups.ts";
import { GroupHeights } from "./group-heights.ts";
import { firstRange, segmentsOf, sightOf, stepRange, type GroupRange, type Segment } from "./group-window.ts";

/** A stretch of the conversation in the page. */
export type MountedSegment =
  | { readonly kind: "group"; readonly group: RowGroup }
  | { readonly kind: "gap"; readonly key: string; readonly px: number }
  /** Turns that are not loaded. */
  | { readonly kind: "missing" };

/** Before anything was measured. Unit: px. */
const FIRST_SCREEN_PX = 1_000;

/** Which groups of one conversation are in the page, by their keys: groups come and go before and after them. */
export class MountedGroups {
  readonly heights: GroupHeights;
  #screenPx: number;
  #firstKey: string | undefined;
  #lastKey: string | undefined;
  #isAtEnd = true;

  /**
   * @param screenPx How high what is seen is, as far as is known.
   * @param heights What is known of the groups from before. Default: nothing.
   */
  constructor(screenPx = FIRST_SCREEN_PX, heights = new GroupHeights()) {
    this.#screenPx = screenPx;
    this.heights = heights;
  }

  /** What is in the page stands there now, below the upper edge of what is seen. Answers whether other groups belong into the page. */
  look(
    groups: readonly RowGroup[],
    placed: readonly { readonly key: string; readonly top: number; readonly height: number }[],
    screenPx: number,
    isAtEnd: boolean,
  ): boolean {
    if (screenPx > 0) this.#screenPx = screenPx;
    this.#isAtEnd = isAtEnd;
    const range = this.#range(groups);
    const heights = this.heights.all(groups);
    const indexOf = new Map(groups.map((group, index) => [group.key, index]));
    const known = placed.flatMap(({ key, top, height }) => {
      const index = indexOf.get(key);
      return index === undefined ? [] : [{ index, top, height }];
    });
    const next = stepRange(heights, sightOf(heights, known, this.#screenPx), range);
    if (range !== undefined && next.first === range.first && next.end === range.end) return false;
    this.#take(groups, next);
    return true;
  }

  /** The end is to be shown. */
  aimAtEnd(groups: readonly RowGroup[]): void {
    this.#isAtEnd = true;
    this.#take(groups, this.#endRange(groups));
  }

  /** A row is to be shown. */
  aimAtRow(groups: readonly RowGroup[], key: string, rowKey: string): void {
    const at = groups.findIndex((group) => group.key === key);
    const group = groups[at];
    if (group === undefined) return;
    this.#isAtEnd = false;
    const heights = this.heights.all(groups);
    let top = 0;
    for (let index = 0; index < at; index += 1) top += heights[index] ?? 0;
    const share = group.rows.findIndex((row) => row.key === rowKey) / group.rows.length;
    top += Math.max(0, share) * (heights[at] ?? 0);
    const range = this.#firstRange(groups, heights, top);
    this.#take(groups, { first: Math.min(range.first, at), end: Math.max(range.end, at + 1) });
  }

  /** What is in the page; `held` are keys of groups that stay whatever is seen, after `gapAfter` turns are missing. */
  segments(
    groups: readonly RowGroup[],
    held: ReadonlySet<string>,
    gapAfter?: string,
  ): readonly MountedSegment[] {
    let range = this.#range(groups);
    if (range === undefined || (this.#isAtEnd && range.end < groups.length)) {
      range = this.#endRange(groups);
      this.#take(groups, range);
    }
    const heldAt = new Set<number>();
    if (held.size > 0) {
      for (const [at, group] of groups.entries()) if (held.has(group.key)) heldAt.add(at);
    }
    const breakAt = gapAfter === undefined ? -1 : groups.findIndex((group) => group.key === gapAfter);
    return segmentsOf(this.heights.all(groups), range, heldAt, breakAt).flatMap((segment) => {
      const last = segment.kind === "gap" ? segment.end - 1 : segment.index;
      const shown = mounted(groups, segment);
      return last === breakAt ? [...shown, { kind: "missing" }] : shown;
    });
  }

  #endRange(groups: readonly RowGroup[]): GroupRange {
    const heights = this.heights.all(groups);
    const total = heights.reduce((sum, height) => sum + height, 0);
    return this.#firstRange(groups, heights, total - this.#screenPx);
  }

  #firstRange(groups: readonly RowGroup[], heights: readonly number[], top: number): GroupRange {
    return firstRange(heights, { top, height: this.#screenPx }, (index) => {
      const group = groups[index];
      return group !== undefined && this.heights.isMeasured(group);
    });
  }

  #range(groups: readonly RowGroup[]): GroupRange | undefined {
    if (this.#firstKey === undefined) return undefined;
    const first = groups.findIndex((group) => group.key === this.#firstKey);
    const last = groups.findLastIndex((group) => group.key === this.#lastKey);
    return first < 0 || last < first ? undefined : { first, end: last + 1 };
  }

  #take(groups: readonly RowGroup[], range: GroupRange): void {
    this.#firstKey = groups[range.first]?.key;
    this.#lastKey = groups[range.end - 1]?.key;
  }
}

function mounted(groups: readonly RowGroup[], segment: Segment): readonly MountedSegment[] {
  if (segment.kind === "gap") {
    // Named by what it follows, so that it stays the same element while groups come in around it.
    const after = segment.first === 0 ? "start" : (groups[segment.first - 1]?.key ?? "start");
    return [{ kind: "gap", key: `gap ${after}`, px: segment.px }];
  }
  const group = groups[segment.index];
  return group === undefined ? [] : [{ kind: "group", group }];
}
