import { useState } from "preact/hooks";

interface Keyed {
  readonly id: string;
}

/**
 * Rows that keep their places while one of them is pressed: a list in order of activity may move between the press and
 * the release, and the two on different rows, or on a row that was moved, are no click. What the rows tell stays current.
 *
 * @returns The rows to be shown, and what is to be called when a pointer is pressed on them.
 */
export function useHeldOrder<Row extends Keyed>(rows: readonly Row[]): readonly [readonly Row[], () => void] {
  const [held, setHeld] = useState<readonly Row[] | undefined>(undefined);
  const current = new Map(rows.map((row) => [row.id, row]));
  const shown = held === undefined ? rows : held.map((row) => current.get(row.id) ?? row);
  const hold = (): void => {
    setHeld(shown);
    const listening = new AbortController();
    const release = (): void => {
      listening.abort();
      // Behind the click, which follows the release.
      setTimeout(() => setHeld(undefined));
    };
    for (const type of ["pointerup", "pointercancel", "dragend", "blur"])
      window.addEventListener(type, release, { signal: listening.signal });
  };
  return [shown, hold];
}
