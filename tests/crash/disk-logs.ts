import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LogFold, type WireFrame } from "./log-fold.ts";

const FILE = "holdfast.sqlite";

export interface DiskSession {
  readonly epoch: string;
  readonly title: string;
  readonly fold: LogFold;
  /** Rows of its log, and numbers in them: fewer rows than numbers where deltas were merged. */
  readonly rows: number;
}

export interface DiskLogs {
  readonly sessions: ReadonlyMap<string, DiskSession>;
  readonly deleted: ReadonlySet<string>;
  readonly violations: readonly string[];
}

/**
 * What a dead server left: read from a copy, because opening the files themselves would mend them before the server can.
 * A folder without a database is empty.
 */
export function readDiskLogs(dataDir: string): DiskLogs {
  const copy = mkdtempSync(join(tmpdir(), "holdfast-disk-"));
  try {
    if (!existsSync(join(dataDir, FILE))) return { sessions: new Map(), deleted: new Set(), violations: [] };
    for (const name of [FILE, `${FILE}-wal`]) {
      if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(copy, name));
    }
    const database = new DatabaseSync(join(copy, FILE));
    try {
      return readAll(database);
    } finally {
      database.close();
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function readAll(database: DatabaseSync): DiskLogs {
  const sessions = new Map<string, DiskSession>();
  const violations: string[] = [];
  const tables = database.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'session'").get();
  // Killed before its first transaction.
  if (tables?.["n"] === 0) return { sessions, deleted: new Set(), violations };
  const check = String(database.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"]);
  if (check !== "ok") violations.push(`the database is damaged: ${check}`);
  const log = database.prepare("SELECT data FROM log WHERE session = ? ORDER BY seq");
  for (const row of database.prepare("SELECT id, epoch, tail, summary FROM session").all()) {
    const id = String(row["id"]);
    const fold = new LogFold();
    const rows = log.all(id);
    for (const item of rows) fold.add(JSON.parse(String(item["data"])) as WireFrame);
    if (fold.tail !== row["tail"])
      violations.push(`session ${id}: its record says ${Number(row["tail"])}, its log ends at ${fold.tail}`);
    for (const what of fold.violations) violations.push(`session ${id} on the disk: ${what}`);
    const summary = JSON.parse(String(row["summary"])) as { title: string };
    sessions.set(id, { epoch: String(row["epoch"]), title: summary.title, fold, rows: rows.length });
  }
  const orphans = database
    .prepare("SELECT DISTINCT session FROM log WHERE session NOT IN (SELECT id FROM session)")
    .all();
  for (const row of orphans) violations.push(`rows of session ${String(row["session"])}, which there is not`);
  const deleted = new Set(
    database
      .prepare("SELECT id FROM deleted")
      .all()
      .map((row) => String(row["id"])),
  );
  return { sessions, deleted, violations };
}
