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
  return { ...seen, seenAtMs: latest({ ...seen.seenAtMs, [sid]: lastEndedAt }) };
}

/** What this tab has seen and what another one has kept since: seen anywhere is seen. */
export function joinSeen(kept: SeenMarks, seen: SeenMarks): SeenMarks {
  const seenAtMs: Record<string, number> = { ...kept.seenAtMs };
  for (const [sid, atMs] of Object.entries(seen.seenAtMs)) {
    seenAtMs[sid] = Math.max(atMs, seenAtMs[sid] ?? 0);
  }
  return { baselineMs: kept.baselineMs ?? seen.baselineMs, seenAtMs: latest(seenAtMs) };
}

function latest(seenAtMs: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(seenAtMs).sort(([, a], [, b]) => b - a);
  return Object.fromEntries(entries.slice(0, MAX_SEEN_MARKS));
}
