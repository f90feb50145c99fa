import type { FunctionComponent, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

/** A component that is no part of the first load. */
export interface LateComponent<Props> {
  readonly Component: FunctionComponent<Props>;
  /** Fetches it before it is wanted, so that it is there without a line. Never rejects. */
  preload(): Promise<void>;
}

/**
 * Draws nothing until it has been fetched, and `unavailable` where it can't be: without a line before it was preloaded, or
 * when a new build has taken the old one's place. A failure is tried again the next time it is drawn.
 */
export function lateComponent<Props extends object = object>(
  load: () => Promise<FunctionComponent<Props>>,
  unavailable: JSX.Element,
): LateComponent<Props> {
  let Loaded: FunctionComponent<Props> | undefined;
  const fetchOnce = async (): Promise<boolean> => {
    try {
      Loaded ??= await load();
      return true;
    } catch {
      return false;
    }
  };
  return {
    Component: function Late(props: Props) {
      const [hasFailed, setFailed] = useState(false);
      const [, setLoaded] = useState(Loaded !== undefined);
      useEffect(() => {
        if (Loaded !== undefined) return undefined;
        let isGone = false;
        const show = async (): Promise<void> => {
          const isThere = await fetchOnce();
          if (isGone) return;
          if (isThere) setLoaded(true);
          else setFailed(true);
        };
        void show();
        return () => {
          isGone = true;
        };
      }, []);
      if (Loaded !== undefined) return <Loaded {...props} />;
      return hasFailed ? unavailable : null;
    },
    async preload() {
      await fetchOnce();
    },
  };
}
