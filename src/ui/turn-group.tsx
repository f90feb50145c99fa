import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { SessionId } from "../protocol/ids.ts";
import type { RowGroup } from "../state/row-groups.ts";
import { TurnRowView } from "./turn-row.tsx";

interface TurnGroupProps {
  readonly group: RowGroup;
  readonly session: SessionId;
  readonly onSize: (group: RowGroup, px: number, widthPx: number) => void;
}

/** A few rows in one box: what is outside of it costs its layout nothing. Rendered again only when one of its rows is another. */
export function TurnGroup({ group, session, onSize }: TurnGroupProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(group);
  latest.current = group;

  useLayoutEffect(() => {
    if (box.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const size = entry?.borderBoxSize[0];
      if (size !== undefined) onSize(latest.current, size.blockSize, size.inlineSize);
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);

  return useMemo(
    () => (
      <div ref={box} class="turn-group" data-group={group.key}>
        {group.rows.map((row) => (
          <TurnRowView key={row.key} row={row} session={session} />
        ))}
      </div>
    ),
    [group, session],
  );
}
