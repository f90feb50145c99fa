import type { LogWriter } from "./log-writer.ts";
import { mergeRows } from "./merge-frames.ts";
import type { Clock, LogStore } from "./ports.ts";
import type { SessionLog } from "./session-log.ts";

/** How long a session must be idle before its log is merged for good, so that a conversation in full swing isn't rewritten per turn. */
const IDLE_MS = 1_000;

/** How much of the log one rewrite reads. Unit: bytes. */
const REWRITE_READ_BYTES = 256 * 1024;

/**
 * Rewrites what an idle session's turns have left behind, a row per commit, into merged rows. [PROTOCOL §3]
 * Never while a viewer is in the middle of a reading: a seq lies in exactly one frame of one reading.
 */
export class Compaction {
  readonly #store: LogStore;
  readonly #clock: Clock;
  readonly #writer: LogWriter;
  readonly #waiting = new Set<SessionLog>();

  constructor(ports: { readonly store: LogStore; readonly clock: Clock; readonly writer: LogWriter }) {
    this.#store = ports.store;
    this.#clock = ports.clock;
    this.#writer = ports.writer;
  }

  /** The session has no open turn any more. */
  whenIdle(log: SessionLog): void {
    if (this.#waiting.has(log)) return;
    this.#waiting.add(log);
    this.#clock.setTimer(IDLE_MS, () => {
      this.#waiting.delete(log);
      if (!this.#canRewrite(log)) return;
      this.#rewriteWhenFree(log);
    });
  }

  /** One stretch at a time, with commits in between: a log of an hour's tokens must not keep other sessions' from their readers. */
  #rewriteWhenFree(log: SessionLog): void {
    this.#writer.whenFree(async () => {
      if (!this.#canRewrite(log)) return;
      await this.#rewrite(log);
      if (this.#canRewrite(log)) this.#rewriteWhenFree(log);
    });
  }

  /** Otherwise the next time it is idle. */
  #canRewrite(log: SessionLog): boolean {
    if (log.isDeleted || log.head.open.size > 0 || log.compactedTo >= log.tail) return false;
    for (const viewer of log.viewers) if (!viewer.isAtTail()) return false;
    return true;
  }

  async #rewrite(log: SessionLog): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    log.compaction = promise;
    // Whoever begins a reading now reads the store, and so waits for this.
    log.forgetRecent();
    try {
      const rows = await this.#store.read(log.id, log.compactedTo, REWRITE_READ_BYTES);
      const first = rows[0];
      const last = rows.at(-1);
      // Nothing to be read though there should be: left to whoever reads it next.
      if (first === undefined || last === undefined) {
        log.compactedTo = log.tail;
        return;
      }
      const merged = mergeRows(rows);
      if (merged.length < rows.length) {
        const { from } = first;
        const { seq } = last;
        await this.#store.commit([{ kind: "compact", session: log.id, from, seq, rows: merged }]);
      }
      log.compactedTo = last.seq;
    } finally {
      log.compaction = undefined;
      resolve();
    }
  }
}
