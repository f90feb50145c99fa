import * as v from "valibot";
import type { SessionId } from "../protocol/ids.ts";
import { parse } from "../protocol/parse.ts";
import type { SessionSummary } from "../protocol/snapshot.ts";
import type { SeenMarks } from "../state/session-rows.ts";
import { MAX_SEEN_MARKS } from "./delays-and-limits.ts";

const SeenSchema = v.object({ baselineMs: v.number(), seenAtMs: v.record(v.string(), v.number()) });

export function parseSeenMarks(input: unknown): SeenMarks {
  const seen = parse(SeenSchema, input);
  return seen.ok ? seen.value : { baselineMs: undefined, seenAtMs: {} };
}

/** At the first start on a device everything that has ended is taken for read. Times are the server's own. */
export function withBaseline(seen: SeenMarks, sessions: readonly SessionSummary[]): SeenMarks {
  if (seen.baselineMs !== undefined) return seen;
  return { ...seen, baselineMs: Math.max(0, ...sessions.map((session) => session.lastEndedAt ?? 0)) };
}

/** The session is being looked at: what has ended in it is read. The same object when that was known. */
export function markSeen(seen: SeenMarks, sid: SessionId, lastEndedAt: number | undefined): SeenMarks {
  if (lastEndedAt === undefined || (seen.seenAtMs[sid] ?? 0) >= lastEndedAt) return seen;
  const latest = Object.entries({ ...seen.seenAtMs, [sid]: lastEndedAt })
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_SEEN_MARKS);
  return { ...seen, seenAtMs: Object.fromEntries(latest) };
}
