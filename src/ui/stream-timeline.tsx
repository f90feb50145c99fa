import type { JSX } from "preact";
import type { TimelineEntry } from "../streaming/core-types.ts";

const WIDTH = 240;
const HEIGHT = 36;
/** The picture shows this much, up to the newest entry. Unit: ms. */
const SPAN_MS = 60_000;
const BARS = 60;

/** The last minute of a stream as a picture: characters per second as bars, drops and reopenings as lines, hidden spans shaded. */
export function StreamTimeline({
  entries,
}: {
  readonly entries: readonly TimelineEntry[];
}): JSX.Element | null {
  const endMs = entries.at(-1)?.atMs;
  if (endMs === undefined) return null;
  const startMs = endMs - SPAN_MS;
  const x = (atMs: number): number => Math.max(0, ((atMs - startMs) / SPAN_MS) * WIDTH);
  const chars = Array.from({ length: BARS }, () => 0);
  const lines: { readonly x: number; readonly kind: string }[] = [];
  const hidden: { readonly from: number; to: number }[] = [];
  for (const entry of entries) {
    if (entry.what === "hidden") hidden.push({ from: x(entry.atMs), to: WIDTH });
    if (entry.what === "visible") {
      const last = hidden.at(-1);
      if (last !== undefined) last.to = x(entry.atMs);
    }
    if (entry.atMs < startMs) continue;
    if (entry.what === "frame") {
      const bar = Math.min(BARS - 1, Math.floor(((entry.atMs - startMs) / SPAN_MS) * BARS));
      chars[bar] = (chars[bar] ?? 0) + (entry.chars ?? 0);
    } else if (["drop", "hole", "resync", "hello"].includes(entry.what)) {
      lines.push({ x: x(entry.atMs), kind: entry.what });
    }
  }
  const most = Math.max(1, ...chars);
  const drops = lines.filter((line) => line.kind !== "hello").length;
  const total = chars.reduce((sum, count) => sum + count, 0);
  return (
    <svg
      class="timeline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an inline drawing that follows the theme
      role="img"
      aria-label={`Last minute: ${total} characters, ${drops} interruptions`}
    >
      {hidden.map((span) => (
        <rect
          key={span.from}
          class="timeline-hidden"
          x={span.from}
          y="0"
          width={Math.max(0, span.to - span.from)}
          height={HEIGHT}
        />
      ))}
      {chars.map((count, index) => {
        const height = (count / most) * (HEIGHT - 4);
        return count === 0 ? null : (
          <rect
            key={index}
            class="timeline-bar"
            x={(index * WIDTH) / BARS}
            y={HEIGHT - height}
            width={WIDTH / BARS - 1}
            height={height}
          />
        );
      })}
      {lines.map((line) => (
        <line
          key={`${line.kind}-${line.x}`}
          class="timeline-line"
          data-kind={line.kind}
          x1={line.x}
          x2={line.x}
          y1="0"
          y2={HEIGHT}
        />
      ))}
    </svg>
  );
}
