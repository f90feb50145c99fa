import { formatCursor, parseCursor } from "../protocol/cursor.ts";
import { DEFAULT_EVENTS_LIMIT, MAX_EVENTS_LIMIT } from "../protocol/limits.ts";
import { problem, type Problem } from "../protocol/problems.ts";
import { err, ok, type Result } from "../protocol/result.ts";
import type { EventsPage } from "./backend-types.ts";
import { mergeRows } from "./merge-frames.ts";
import type { LogRow, LogStore } from "./ports.ts";
import type { SessionLog } from "./session-log.ts";
import { decodeRow } from "./stored-event.ts";

/** How much of the stored log one page reads at most, however many events were asked for. Unit: bytes. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
const READ_BYTES = 256 * 1024;

/**
 * A page of the log. `limit` counts events of the log, merged or not; a stored row is never split,
 * so a page holds at least one row and may go beyond the limit by the rest of its last.
 */
export async function readEventsPage(
  store: LogStore,
  log: SessionLog,
  page: { readonly after: string | undefined; readonly limit?: number | undefined },
): Promise<Result<EventsPage, Problem>> {
  const start = page.after ? parseCursor(page.after) : ok({ epoch: log.epoch, seq: 0 });
  if (!start.ok)
    return err(problem("bad-cursor", `${start.error.message}. Fetch the snapshot for a good one.`));
  if (start.value.epoch !== log.epoch || start.value.seq > log.tail) {
    return err(
      problem(
        "bad-cursor",
        "This cursor is of another log or beyond its end. Fetch the snapshot and go on from its cursor.",
      ),
    );
  }
  const limit = Math.min(Math.max(1, page.limit ?? DEFAULT_EVENTS_LIMIT), MAX_EVENTS_LIMIT);
  const rows: LogRow[] = [];
  let seq = start.value.seq;
  let events = 0;
  let bytes = 0;
  while (seq < log.tail && events < limit && bytes < MAX_PAGE_BYTES) {
    const read = await log.readRows(store, seq, READ_BYTES);
    if (read.length === 0) break;
    for (const row of read) {
      if (events >= limit) break;
      rows.push(row);
      events += row.seq - Math.max(seq, row.from - 1);
      bytes += row.data.length;
      seq = row.seq;
    }
  }
  return ok({
    frames: mergeRows(rows).map(decodeRow),
    cursor: formatCursor({ epoch: log.epoch, seq }),
    hasMore: seq < log.tail,
  });
}
