import { useState } from "preact/hooks";

/** What a reader chose in rows that were taken out of the page since. Small: choices, never texts. */
const KEPT = new Map<string, unknown>();
/** The oldest choices go first. */
const MAX_KEPT = 2_000;

/**
 * `useState` that outlives its component: rows far from what is seen are taken out of the page, and a reader who comes
 * back finds them as he left them. `key` names the choice among all of the page; what is kept under it is of one type.
 */
export function useKeptState<Value>(key: string, initial: Value): [Value, (value: Value) => void] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written below only, under a key of one type
  const [value, setValue] = useState<Value>(KEPT.has(key) ? (KEPT.get(key) as Value) : initial);
  return [
    value,
    (next) => {
      KEPT.delete(key);
      KEPT.set(key, next);
      const oldest = KEPT.keys().next();
      if (KEPT.size > MAX_KEPT && !oldest.done) KEPT.delete(oldest.value);
      setValue(next);
    },
  ];
}
