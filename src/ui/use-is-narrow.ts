import { useEffect, useState } from "preact/hooks";

/** Below this the side bar is a drawer; the same width stands in styles/layout.css. */
const NARROW = "(max-width: 52rem)";

export function useIsNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const onChange = (): void => setNarrow(query.matches);
    query.addEventListener("change", onChange);
    onChange();
    return () => query.removeEventListener("change", onChange);
  }, []);
  return isNarrow;
}
