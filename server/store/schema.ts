import type { DatabaseSync } from "node:sqlite";

/** Bumped with every change to the tables. An older build refuses a newer folder instead of guessing. */
export const SCHEMA_VERSION = 1;

/** Marks the file as Holdfast's ("HFST"): SQLite's application_id. */
export const APPLICATION_ID = 0x48465354;

/**
 *   session ──┐ one row each, JSON of its summary
 *   log ──────┘ (session, seq) → the text of one frame, `from`..`seq`
 *   deleted     ids that are remembered for good
 *   sign_in     hashes of tokens, never tokens
 *   meta        password check
 *
 * WITHOUT ROWID keeps a log's rows side by side in the order in which they are read.
 */
export function createTables(database: DatabaseSync): void {
  // Written once: with a full disk a start can do without, and what is there can be read.
  if (readPragma(database, "user_version") === SCHEMA_VERSION) return;
  database.exec(`
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS session (
      id TEXT PRIMARY KEY,
      epoch TEXT NOT NULL,
      tail INTEGER NOT NULL,
      titled_by_hand INTEGER NOT NULL,
      open_turns TEXT NOT NULL,
      summary TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS log (
      session TEXT NOT NULL,
      seq INTEGER NOT NULL,
      from_seq INTEGER NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (session, seq)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS deleted (id TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS sign_in (
      token_hash TEXT PRIMARY KEY,
      created_at INTEGER NOT NULL,
      used_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    PRAGMA user_version = ${SCHEMA_VERSION};
    PRAGMA application_id = ${APPLICATION_ID};
    COMMIT;
  `);
}

/** One number of a PRAGMA. */
export function readPragma(database: DatabaseSync, name: "user_version" | "application_id"): number {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return Number(row?.[name]);
}

/** Whether the tables of this build are there, as its marks say. */
export function hasTables(database: DatabaseSync): boolean {
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const found = new Set(names.map((row) => row["name"]));
  return ["session", "log", "deleted", "sign_in", "meta"].every((name) => found.has(name));
}
