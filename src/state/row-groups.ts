import type { TurnRow } from "./turn-groups.ts";

/** Rows that are put into the page, and taken out of it, together. */
export interface RowGroup {
  /** Stays with the group for as long as any of its rows does. */
  readonly key: string;
  /** Never empty. */
  readonly rows: readonly TurnRow[];
}

/**
 * Few enough that what is put in at once is little more than what is seen, many enough that a long conversation is not too
 * many groups [a switch with groups of 30 laid out nine screens for nothing; with groups of 4, two].
 */
export const ROWS_PER_GROUP = 2;

/**
 * Puts rows into groups such that a row stays in the group it was in, whatever comes before or after it: what was
 * measured of a group stays true. New rows at the end fill the last group up; new rows at the beginning make their own.
 * Answers a group of `previous` itself where its rows are the same. None is named as one of `taken` is.
 */
export function groupRows(
  rows: readonly TurnRow[],
  previous: readonly RowGroup[] = [],
  taken: readonly RowGroup[] = [],
): readonly RowGroup[] {
  const keyOf = new Map<string, string>();
  for (const group of previous) for (const row of group.rows) keyOf.set(row.key, group.key);
  const made: { key: string; rows: TurnRow[] }[] = [];
  const used = new Set<string>(taken.map((group) => group.key));
  let fresh: TurnRow[] = [];

  function begin(key: string, first: TurnRow): void {
    let free = key;
    // A row that moved may have left its name to a group that goes on without it.
    while (used.has(free)) free += "+";
    used.add(free);
    made.push({ key: free, rows: [first] });
  }

  function placeFresh(): void {
    if (fresh.length === 0) return;
    const last = made.at(-1);
    if (last === undefined) {
      // Before everything known: the short group is the first one, where the next page goes on.
      const short = fresh.length % ROWS_PER_GROUP;
      for (let at = 0; at < fresh.length;) {
        const end = at === 0 && short > 0 ? short : at + ROWS_PER_GROUP;
        const [first, ...rest] = fresh.slice(at, end);
        if (first !== undefined) begin(first.key, first);
        made.at(-1)?.rows.push(...rest);
        at = end;
      }
    } else {
      for (const row of fresh) {
        const open = made.at(-1);
        if (open !== undefined && open.rows.length < ROWS_PER_GROUP) open.rows.push(row);
        else begin(row.key, row);
      }
    }
    fresh = [];
  }

  let current: string | undefined;
  for (const row of rows) {
    const key = keyOf.get(row.key);
    if (key === undefined) {
      fresh.push(row);
      continue;
    }
    placeFresh();
    const last = made.at(-1);
    if (last !== undefined && current === key) last.rows.push(row);
    else begin(key, row);
    current = key;
  }
  placeFresh();

  const known = new Map(previous.map((group) => [group.key, group]));
  return made.map((group) => reuse(group, known.get(group.key)));
}

function reuse(group: RowGroup, known: RowGroup | undefined): RowGroup {
  if (known === undefined || known.rows.length !== group.rows.length) return group;
  return group.rows.every((row, at) => row === known.rows[at]) ? known : group;
}
