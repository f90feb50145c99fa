/** Which groups of a long conversation are in the page. Pure: heights and positions in, indices out. Unit of all: px. */

/** Groups from `first` up to but not including `end`. */
export interface GroupRange {
  readonly first: number;
  readonly end: number;
}

/** What stands in the page, in order: a group, or one spacer for all groups of a stretch. */
export type Segment =
  | { readonly kind: "group"; readonly index: number }
  | { readonly kind: "gap"; readonly first: number; readonly end: number; readonly px: number };

export interface Sight {
  /** The upper edge of what is seen, below the top of the first group. May be negative or beyond the end. */
  readonly top: number;
  readonly height: number;
}

/** A group that is in the page, as it stands there. */
export interface PlacedGroup {
  readonly index: number;
  /** Below the upper edge of what is seen. */
  readonly top: number;
  readonly height: number;
}

/**
 * What is seen, in the coordinates of `heights`: told by the group in the page that is nearest to the upper edge, for
 * what is in the page may not be measured yet, and a gap may have been drawn with other heights.
 */
export function sightOf(
  heights: readonly number[],
  placed: readonly PlacedGroup[],
  screenHeight: number,
): Sight {
  const distance = (group: PlacedGroup): number => Math.max(group.top, -(group.top + group.height), 0);
  let nearest: PlacedGroup | undefined;
  for (const group of placed) {
    if (nearest === undefined || distance(group) < distance(nearest)) nearest = group;
  }
  if (nearest === undefined) return { top: 0, height: screenHeight };
  let top = 0;
  for (let index = 0; index < nearest.index; index += 1) top += heights[index] ?? 0;
  const height = heights[nearest.index] ?? 0;
  // Within a group that is higher or lower than was thought, the same share of it.
  const into = -nearest.top;
  if (into <= 0 || nearest.height <= 0) return { top: top + into, height: screenHeight };
  if (into >= nearest.height) return { top: top + height + into - nearest.height, height: screenHeight };
  return { top: top + (into / nearest.height) * height, height: screenHeight };
}

/** Put in at once: what is seen, and this much beyond either edge. */
const AT_ONCE_SCREENS = 0.25;
/** As much where heights are guessed: they may turn out to be less than was thought. */
const GUESSED_SCREENS = 0.5;
/** Beyond either edge, groups are put in this many screens before they are seen. */
const AHEAD_SCREENS = 1;
/** They are taken out only this many screens away: a reader who moves to and fro must not make the page work. */
const KEPT_SCREENS = 3;
/**
 * A conversation that is no higher than this, or of no more groups, stays in the page as a whole: what a person selects,
 * prints, or lets be read aloud there is all of it.
 */
const WHOLE_SCREENS = 20;
const WHOLE_GROUPS = 16;

/** The groups of which at least a pixel lies within `margin` of what is seen; one at least, where there is any. */
export function groupsInSight(heights: readonly number[], sight: Sight, margin: number): GroupRange {
  const from = sight.top - margin;
  const to = sight.top + sight.height + margin;
  let top = 0;
  let first: number | undefined;
  let end = 0;
  for (const [index, height] of heights.entries()) {
    const bottom = top + height;
    if (bottom > from && top < to) {
      first ??= index;
      end = index + 1;
    }
    top = bottom;
  }
  if (first !== undefined) return { first, end };
  // Beyond either end: a reader who dragged the bar there sees the outermost group.
  if (heights.length === 0) return { first: 0, end: 0 };
  return to <= 0 ? { first: 0, end: 1 } : { first: heights.length - 1, end: heights.length };
}

/** The range to be in the page now, given the one that is. Answers `current` itself when it may stay. */
export function nextRange(
  heights: readonly number[],
  sight: Sight,
  current: GroupRange | undefined,
): GroupRange {
  const total = heights.reduce((sum, height) => sum + height, 0);
  if (total <= WHOLE_SCREENS * sight.height || heights.length <= WHOLE_GROUPS) {
    const isWhole = current?.first === 0 && current.end === heights.length;
    return isWhole ? current : { first: 0, end: heights.length };
  }
  const needed = groupsInSight(heights, sight, AHEAD_SCREENS * sight.height);
  const kept = groupsInSight(heights, sight, KEPT_SCREENS * sight.height);
  const isApart = current === undefined || current.end <= needed.first || needed.end <= current.first;
  if (isApart) return needed;
  const first = Math.max(Math.min(current.first, needed.first), kept.first);
  const end = Math.min(Math.max(current.end, needed.end), kept.end);
  return first === current.first && end === current.end ? current : { first, end };
}

/**
 * What is put in at once where nothing of it is in the page: what is seen. What is ahead follows, frame by frame.
 *
 * @param isMeasured Whether the height of that group is known. Default: it is.
 */
export function firstRange(
  heights: readonly number[],
  sight: Sight,
  isMeasured: (index: number) => boolean = () => true,
): GroupRange {
  const range = groupsInSight(heights, sight, AT_ONCE_SCREENS * sight.height);
  for (let index = range.first; index < range.end; index += 1) {
    if (!isMeasured(index)) return groupsInSight(heights, sight, GUESSED_SCREENS * sight.height);
  }
  return range;
}

/**
 * The range of the next frame on the way to `nextRange`: all that is seen, and of what is ahead one group more at
 * either end, so that no frame puts in more than a screen and two groups. Answers `current` itself when it may stay.
 */
export function stepRange(
  heights: readonly number[],
  sight: Sight,
  current: GroupRange | undefined,
): GroupRange {
  const seen = firstRange(heights, sight);
  const isApart = current === undefined || current.end <= seen.first || seen.end <= current.first;
  if (isApart) return seen;
  const next = nextRange(heights, sight, current);
  const first = Math.max(next.first, Math.min(current.first - 1, seen.first));
  const end = Math.min(next.end, Math.max(current.end + 1, seen.end));
  return first === current.first && end === current.end ? current : { first, end };
}

/**
 * The whole conversation as groups and gaps: the range, the last group (the one that streams), and those in `held`
 * (where the focus or a selection is) are in the page, each stretch between them is one gap; no gap goes on after `breakAt`.
 */
export function segmentsOf(
  heights: readonly number[],
  range: GroupRange,
  held: ReadonlySet<number>,
  breakAt?: number,
): readonly Segment[] {
  const segments: Segment[] = [];
  let gapFirst: number | undefined;
  let gapPx = 0;
  const closeGap = (end: number): void => {
    if (gapFirst !== undefined) segments.push({ kind: "gap", first: gapFirst, end, px: gapPx });
    gapFirst = undefined;
    gapPx = 0;
  };
  for (const [index, height] of heights.entries()) {
    const isIn =
      (index >= range.first && index < range.end) || index === heights.length - 1 || held.has(index);
    if (isIn) {
      closeGap(index);
      segments.push({ kind: "group", index });
      continue;
    }
    gapFirst ??= index;
    gapPx += height;
    if (index === breakAt) closeGap(index + 1);
  }
  closeGap(heights.length);
  return segments;
}
