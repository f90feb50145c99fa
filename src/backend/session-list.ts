import type { SessionId } from "../protocol/ids.ts";
import { DEFAULT_SESSIONS_LIMIT, MAX_SESSIONS_LIMIT } from "../protocol/limits.ts";
import { problem, type Problem } from "../protocol/problems.ts";
import { err, ok, type Result } from "../protocol/result.ts";
import type { SessionList, SessionSummary } from "../protocol/snapshot.ts";
import { deletedProblem } from "./log-writer.ts";
import type { SessionLog } from "./session-log.ts";

/** Every session there is, and the ids of those there were. */
export class Sessions {
  readonly #logs = new Map<SessionId, SessionLog>();
  readonly #deleted: Set<SessionId>;
  /** Differs between two lives of the process, so that an old ETag never fits by chance. */
  readonly #life: string;
  #changes = 0;
  #sorted: readonly SessionSummary[] | undefined;

  constructor(life: string, deleted: readonly SessionId[]) {
    this.#life = life;
    this.#deleted = new Set(deleted);
  }

  get size(): number {
    return this.#logs.size;
  }

  all(): Iterable<SessionLog> {
    return this.#logs.values();
  }

  add(log: SessionLog): void {
    this.#logs.set(log.id, log);
    this.changed();
  }

  remove(log: SessionLog): void {
    this.#logs.delete(log.id);
    this.#deleted.add(log.id);
    this.changed();
  }

  isDeleted(sid: SessionId): boolean {
    return this.#deleted.has(sid);
  }

  find(sid: SessionId): Result<SessionLog, Problem> {
    const log = this.#logs.get(sid);
    if (log !== undefined && !log.isDeleted) return ok(log);
    return err(
      this.#deleted.has(sid) || log !== undefined
        ? deletedProblem()
        : problem("session-not-found", "There is no session of this id. Create it first."),
    );
  }

  /** A row of the list has changed. */
  changed(): void {
    this.#changes += 1;
    this.#sorted = undefined;
  }

  /** Newest activity first; ties by id, so that pages are stable. */
  page(page: {
    readonly limit?: number | undefined;
    readonly before?: SessionId | undefined;
  }): SessionList & { readonly version: string } {
    this.#sorted ??= [...this.#logs.values()]
      .map((log) => log.head.record.summary)
      .sort((one, other) => other.updatedAt - one.updatedAt || (one.id < other.id ? 1 : -1));
    // A session that has gone since the last page: the pages begin anew, and the client merges by id.
    const start = page.before === undefined ? 0 : this.#sorted.findIndex((row) => row.id === page.before) + 1;
    const limit = Math.min(Math.max(1, page.limit ?? DEFAULT_SESSIONS_LIMIT), MAX_SESSIONS_LIMIT);
    return {
      sessions: this.#sorted.slice(start, start + limit),
      hasMore: start + limit < this.#sorted.length,
      version: `${this.#life}.${this.#changes}`,
    };
  }
}
