/** SQLite's primary result codes that mean something to an operator (sqlite.org/rescode.html). */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;
/** Extended codes by which a full disk or quota also shows: a failed write of the file, and of its shared-memory index. */
const IOERR_WRITE = 778;
const IOERR_SHMSIZE = 4874;

export type StoreTrouble = "busy" | "corrupt" | "full" | "not-writable" | "other";

/** What an error of `node:sqlite` means. Anything else is `other`. */
export function storeTrouble(error: unknown): StoreTrouble {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return "other";
  if (error.errcode === IOERR_WRITE || error.errcode === IOERR_SHMSIZE) return "full";
  switch (error.errcode & 0xff) {
    case BUSY:
    case LOCKED:
      return "busy";
    case CORRUPT:
    case NOTADB:
      return "corrupt";
    case FULL:
      return "full";
    case READONLY:
    case CANTOPEN:
      return "not-writable";
    default:
      return "other";
  }
}
