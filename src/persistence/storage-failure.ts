/** Why a record was not read or written. */
export type StorageFailure =
  /** No space. What was there before is still there. */
  | { readonly kind: "full"; readonly message: string }
  /** The page is being left; a write begun now would hang the next page in WebKit. */
  | { readonly kind: "leaving"; readonly message: string }
  /** Everything was wiped by another tab since this one began. */
  | { readonly kind: "wiped"; readonly message: string }
  /** A bug, or a record that can't be cloned; reported. */
  | { readonly kind: "failed"; readonly message: string };

/** Thrown inside a transaction that a page on its way out must not begin. */
export class LeavingError extends Error {
  override readonly name = "LeavingError";
}

/** Thrown inside a transaction when another tab has wiped everything since. */
export class WipedError extends Error {
  override readonly name = "WipedError";
}

/** A caller's own function threw inside a transaction: a bug, not the disk's. */
export class DecideError extends Error {
  override readonly name = "DecideError";
}

/** What went wrong with the disk, judged by what was thrown. `lost`: the connection, most likely; opening again may help. */
export type DiskTrouble = StorageFailure | { readonly kind: "lost" | "timeout"; readonly message: string };

/** Names of errors that opening the database again can't cure. */
const BUGS: ReadonlySet<string> = new Set(["DataCloneError", "DataError", "DecideError", "ReadOnlyError"]);

export function diskTrouble(error: unknown): DiskTrouble {
  // An aborted transaction rejects with its `error`, which is null when `abort()` was called.
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  const message =
    error instanceof Error || error instanceof DOMException ? error.message : "the transaction was aborted";
  if (name === "QuotaExceededError") return { kind: "full", message };
  if (name === "LeavingError") return { kind: "leaving", message };
  if (name === "WipedError") return { kind: "wiped", message };
  if (name === "TimeLimitError") return { kind: "timeout", message };
  if (BUGS.has(name)) return { kind: "failed", message };
  // InvalidStateError "The database connection is closing", UnknownError "Connection to Indexed Database server lost",
  // AbortError, NotFoundError, TypeError where `indexedDB` is missing: each engine has its own words for the same thing.
  return { kind: "lost", message };
}
