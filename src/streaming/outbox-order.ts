const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7([0-9a-f]{3})(-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/;

/** Values of the 12 bits after the version, which count within a millisecond (RFC 9562 §6.2, method 1). */
const COUNTS = 0x1000;

/**
 * `fresh`, or where that would sort before `latest`, a UUIDv7 one step after `latest` with the randomness of `fresh`.
 * Entries are ordered by their ids over tabs and reloads, and a clock that was set back must not reorder what was written.
 */
export function idAfter(latest: string, fresh: string): string {
  if (fresh > latest) return fresh;
  const before = UUID_V7.exec(latest);
  const random = UUID_V7.exec(fresh)?.[4];
  const [, high, low, count] = before ?? [];
  // Of another make: it sorts where it sorts.
  if (high === undefined || low === undefined || count === undefined || random === undefined) return fresh;
  const next = Number.parseInt(count, 16) + 1;
  const ms = Number.parseInt(high + low, 16) + (next === COUNTS ? 1 : 0);
  const time = ms.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${(next % COUNTS).toString(16).padStart(3, "0")}${random}`;
}
