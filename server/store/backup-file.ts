import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import type { Random } from "../../src/backend/ports.ts";
import { err, ok, type Result } from "../../src/protocol/result.ts";
import { DATABASE_FILE, lockDataFolder, RESTORING_FILE } from "./data-folder.ts";
import { APPLICATION_ID, readPragma, SCHEMA_VERSION } from "./schema.ts";
import { storeTrouble } from "./sqlite-errors.ts";

/** So many pages at once that one step copies all: a step is one snapshot, and a server that writes between two would make it start over. */
const ALL_PAGES = 0x7fff_ffff;

/**
 * Copies the folder's database into `file`, which must not exist, while a server may be running.
 * The copy is whole or not there.
 */
export async function backUp(
  dataDir: string,
  file: string,
): Promise<Result<{ readonly bytes: number }, string>> {
  const source = join(dataDir, DATABASE_FILE);
  if (!existsSync(source))
    return err(`There is nothing to back up in ${dataDir}. Name the folder with HOLDFAST_DATA_DIR.`);
  if (existsSync(file)) return err(`${file} is there already. Name another file, or move it away.`);
  const partial = `${file}.partial`;
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    rmSync(partial, { force: true });
    // Not read-only: a reader of a write-ahead log needs its shared memory. Nothing is written to it.
    database = new DatabaseSync(source, { timeout: 5_000 });
    const trouble = examine(database, source);
    if (trouble !== undefined) return err(trouble);
    await backup(database, partial, { rate: ALL_PAGES });
    settle(partial);
    renameSync(partial, file);
    return ok({ bytes: statSync(file).size });
  } catch (error) {
    rmSync(partial, { force: true });
    return err(`${file} could not be written (${error instanceof Error ? error.message : String(error)}).`);
  } finally {
    if (database?.isOpen === true) database.close();
  }
}

export interface Restored {
  readonly sessions: number;
  /** Where what was in the folder is now; undefined when there was nothing. */
  readonly keptAside: string | undefined;
}

/**
 * Puts a backup in the place of the folder's database. Every log gets a new epoch, so that no client takes the restored
 * log for the one it knows (PROTOCOL §1); sign-ins end. What was there is kept beside the folder.
 * Refuses while a server uses the folder, and anything that is not a whole backup, before touching the folder.
 */
export async function restore(
  dataDir: string,
  file: string,
  random: Pick<Random, "epoch">,
  now: number,
): Promise<Result<Restored, string>> {
  if (!existsSync(file)) return err(`There is no backup ${file}. Name the file: npm run restore -- FILE.`);
  const lock = lockDataFolder(dataDir);
  if (!lock.ok) return lock;
  const partial = join(dataDir, RESTORING_FILE);
  let source: DatabaseSync | undefined;
  try {
    source = new DatabaseSync(file, { readOnly: true });
    const trouble = examine(source, file);
    if (trouble !== undefined) return err(trouble);
    rmSync(partial, { force: true });
    await backup(source, partial, { rate: ALL_PAGES });
    const sessions = renewEpochs(partial, random);
    const keptAside = setAside(dataDir, now);
    renameSync(partial, join(dataDir, DATABASE_FILE));
    return ok({ sessions, keptAside });
  } catch (error) {
    if (storeTrouble(error) === "corrupt")
      return err(`${file} is damaged, or no backup of Holdfast. The data folder is as it was.`);
    return err(
      `${file} could not be restored (${error instanceof Error ? error.message : String(error)}). The data folder is as it was.`,
    );
  } finally {
    if (source?.isOpen === true) source.close();
    rmSync(partial, { force: true });
    lock.value.release();
  }
}

function examine(database: DatabaseSync, file: string): string | undefined {
  if (readPragma(database, "application_id") !== APPLICATION_ID)
    return `${file} is no backup of Holdfast. Nothing was changed.`;
  const version = readPragma(database, "user_version");
  if (version > SCHEMA_VERSION) {
    return `${file} was written by a newer Holdfast (schema ${version}, this build knows ${SCHEMA_VERSION}). Update Holdfast first.`;
  }
  const check = database.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"];
  return check === "ok" ? undefined : `${file} is damaged (${String(check)}). Nothing was changed.`;
}

function renewEpochs(file: string, random: Pick<Random, "epoch">): number {
  const database = new DatabaseSync(file);
  try {
    database.exec("PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
    const renew = database.prepare("UPDATE session SET epoch = ? WHERE id = ?");
    const ids = database.prepare("SELECT id FROM session").all();
    for (const row of ids) renew.run(random.epoch(), String(row["id"]));
    database.exec("DELETE FROM sign_in; COMMIT");
    return ids.length;
  } finally {
    database.close();
    settle(file);
  }
}

/** Leaves one file without a log beside it, so that it can be moved as one. */
function settle(file: string): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = DELETE");
  database.close();
}

/** Moves the database and its log out of the way, into a folder named after the time. */
function setAside(dataDir: string, now: number): string | undefined {
  const present = ["", "-wal", "-shm"]
    .map((suffix) => DATABASE_FILE + suffix)
    .filter((name) => existsSync(join(dataDir, name)));
  if (present.length === 0) return undefined;
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, "-");
  const aside = join(dataDir, `before-restore-${stamp}`);
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  for (const name of present) renameSync(join(dataDir, name), join(aside, name));
  return aside;
}
