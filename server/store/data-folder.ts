import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { err, ok, type Result } from "../../src/protocol/result.ts";
import { APPLICATION_ID, createTables, hasTables, readPragma, SCHEMA_VERSION } from "./schema.ts";
import { storeTrouble } from "./sqlite-errors.ts";

export const DATABASE_FILE = "holdfast.sqlite";
/** What a restore is about to put in the place of the database. */
export const RESTORING_FILE = `${DATABASE_FILE}.restoring`;
const LOCK_FILE = "holdfast.lock";

/** Above this the whole file is not read through at every start. Unit: bytes; a few seconds on a memory card. */
const MAX_CHECKED_BYTES = 128 * 1_048_576;

/** How long a start waits for another program that holds the database. Unit: ms. */
const START_BUSY_MS = 2_000;

/** The folder this process owns: nobody else writes to `database` until `close`. */
export interface DataFolder {
  readonly database: DatabaseSync;
  /** Whether the database is still the file of that name: what is written to one that was removed or moved is lost. */
  isInPlace(): boolean;
  /** Lets go of the folder. Idempotent. */
  close(): void;
}

/** Held for as long as its owner lives; the system lets go of it even after kill -9. */
export interface FolderLock {
  release(): void;
}

/**
 * Opens the folder for this process alone. The failure is one sentence for the operator.
 * A file that is damaged, foreign or of a newer build is left as it is.
 */
export function openDataFolder(directory: string): Result<DataFolder, string> {
  const lock = lockDataFolder(directory);
  if (!lock.ok) return lock;
  const file = join(directory, DATABASE_FILE);
  const opened = isHalfRestored(directory) ? err(halfRestored(directory)) : openDatabase(file);
  if (!opened.ok) {
    lock.value.release();
    return opened;
  }
  const database = opened.value;
  const { dev, ino } = statSync(file);
  return ok({
    database,
    isInPlace() {
      const now = statSync(file, { throwIfNoEntry: false });
      return now?.ino === ino && now.dev === dev;
    },
    close() {
      if (database.isOpen) database.close();
      lock.value.release();
    },
  });
}

/**
 * Takes the folder, creating it where it is missing. The lock is a file of its own, because a lock on the database
 * itself would keep `npm run backup` from reading it.
 */
export function lockDataFolder(directory: string): Result<FolderLock, string> {
  try {
    makeFolder(directory);
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    return err(
      `The data folder ${directory} can't be written (${errorCode(error)}). Choose another with HOLDFAST_DATA_DIR, or change its permissions.`,
    );
  }
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(directory, LOCK_FILE), { timeout: 0 });
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock?.close();
    if (storeTrouble(error) === "busy") {
      return err(
        `Another Holdfast uses the data folder ${directory}. Stop it, or choose another folder with HOLDFAST_DATA_DIR.`,
      );
    }
    return err(
      `The lock file ${join(directory, LOCK_FILE)} can't be used (${messageOf(error)}). Move it away and start again.`,
    );
  }
  const held = lock;
  return ok({
    release() {
      if (held.isOpen) held.close();
    },
  });
}

/** Not `recursive`: Node tries for ever where the system says that the parent of what it makes is not there, as in /proc. */
function makeFolder(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = dirname(directory);
  if (statSync(parent, { throwIfNoEntry: false }) === undefined) makeFolder(parent);
  mkdirSync(directory, { mode: 0o700 });
}

function openDatabase(file: string): Result<DatabaseSync, string> {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: START_BUSY_MS });
    const refusal = refuseForeign(database, file);
    if (refusal !== undefined) {
      database.close();
      return err(refusal);
    }
    // FULL, not NORMAL: in WAL mode NORMAL may lose the last commits in a power cut, and readers have seen them (PROTOCOL §3).
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000;");
    createTables(database);
    if (hasTables(database)) return ok(database);
    database.close();
    return err(damaged(file));
  } catch (error) {
    if (database?.isOpen === true) database.close();
    return err(sentence(file, error));
  }
}

/** A restore that was killed after it had moved the old database away: an empty one in its place would look like a loss. */
function isHalfRestored(directory: string): boolean {
  return !existsSync(join(directory, DATABASE_FILE)) && existsSync(join(directory, RESTORING_FILE));
}

function halfRestored(directory: string): string {
  return `A restore into ${directory} was broken off. Run "npm run restore -- FILE" again; what was there is in its newest before-restore folder.`;
}

/** Read-only checks, before anything is written to a file that may not be ours. */
function refuseForeign(database: DatabaseSync, file: string): string | undefined {
  const version = readPragma(database, "user_version");
  const application = readPragma(database, "application_id");
  const isEmpty = database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"] === 0;
  if (isEmpty && application === 0) return undefined;
  if (application !== APPLICATION_ID) {
    return `${file} is a database of another program. Choose another folder with HOLDFAST_DATA_DIR.`;
  }
  if (version > SCHEMA_VERSION) {
    return `${file} was written by a newer Holdfast (schema ${version}, this build knows ${SCHEMA_VERSION}). Update Holdfast, or choose another folder with HOLDFAST_DATA_DIR.`;
  }
  if (statSync(file).size > MAX_CHECKED_BYTES) return undefined;
  const check = database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
  return check === "ok" ? undefined : damaged(file);
}

function damaged(file: string): string {
  return `The database ${file} is damaged; nothing was changed. Bring back a backup with "npm run restore -- FILE", or move the file away to start anew.`;
}

function sentence(file: string, error: unknown): string {
  switch (storeTrouble(error)) {
    case "busy":
      return `The database ${file} is locked by another program. Close it and start again.`;
    case "corrupt":
      return damaged(file);
    case "full":
      return `There is no space left for the database ${file}. Free some and start again.`;
    case "not-writable":
      return `The database ${file} can't be opened for writing. Change its permissions, or choose another folder with HOLDFAST_DATA_DIR.`;
    case "other":
      return `The database ${file} can't be opened (${messageOf(error)}).`;
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
