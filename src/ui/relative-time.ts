const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** "now", "5 min", "3 h", "Tue", "12 Mar": short enough for a side bar. Clocks that differ never make it negative. */
export function relativeTime(atMs: number, nowMs: number, locale?: string): string {
  const ageMs = Math.max(0, nowMs - atMs);
  if (ageMs < MINUTE_MS) return "now";
  if (ageMs < HOUR_MS) return `${Math.floor(ageMs / MINUTE_MS)} min`;
  if (ageMs < DAY_MS) return `${Math.floor(ageMs / HOUR_MS)} h`;
  const date = new Date(atMs);
  if (ageMs < 6 * DAY_MS) return date.toLocaleDateString(locale, { weekday: "short" });
  const isThisYear = date.getFullYear() === new Date(nowMs).getFullYear();
  return date.toLocaleDateString(
    locale,
    isThisYear ? { day: "numeric", month: "short" } : { day: "numeric", month: "short", year: "numeric" },
  );
}
