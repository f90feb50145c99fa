import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startServer } from "../../server/compose.ts";
import { loadConfig } from "../../server/config.ts";
import { DATABASE_FILE } from "../../server/store/data-folder.ts";
import { createTables } from "../../server/store/schema.ts";
import type { LogStore } from "../../src/backend/ports.ts";
import { earlyWakeStore, writeBehindStore } from "./failing-stores.ts";
import type { ControlName } from "./controls.ts";

// The server over a store that is known to fail, as a process of its own: what the harness must be able to see.
// A test's entry; nothing of the product leads here.

/** Tampers with the folder of a server that is not running, as a store that loses or invents would at its start. */
const DAMAGE: Partial<Record<ControlName, string>> = {
  // The last row of every log, with the record brought into line: nothing looks wrong.
  "lost-tail": `
    CREATE TEMP TABLE cut AS SELECT session, max(seq) AS seq, max(from_seq) AS from_seq FROM log GROUP BY session;
    DELETE FROM log WHERE (session, seq) IN (SELECT session, seq FROM cut);
    UPDATE session SET tail = (SELECT from_seq - 1 FROM cut WHERE cut.session = session.id)
      WHERE id IN (SELECT session FROM cut);`,
  "replayed-event": `
    CREATE TEMP TABLE last AS SELECT session, max(seq) AS seq FROM log GROUP BY session;
    INSERT INTO log SELECT log.session, log.seq + 1 + log.seq - log.from_seq, log.seq + 1,
        replace(log.data, '{"from":' || log.from_seq || ',"seq":' || log.seq || ',',
          '{"from":' || (log.seq + 1) || ',"seq":' || (log.seq + 1 + log.seq - log.from_seq) || ',')
      FROM log JOIN last USING (session, seq);
    UPDATE session SET tail = (SELECT max(seq) FROM log WHERE log.session = session.id)
      WHERE id IN (SELECT session FROM last);`,
  // One number less from the second row on: a log that was counted anew without its first event.
  renumbered: `
    DELETE FROM log WHERE seq = from_seq AND data LIKE '%"session-updated"%' AND seq > 2;
    CREATE TEMP TABLE fresh AS SELECT session, data, seq AS old_seq, from_seq AS old_from,
        sum(seq - from_seq + 1) OVER (PARTITION BY session ORDER BY seq) AS seq, seq - from_seq AS extra FROM log;
    DELETE FROM log;
    INSERT INTO log SELECT session, seq, seq - extra, replace(data,
        '{"from":' || old_from || ',"seq":' || old_seq || ',', '{"from":' || (seq - extra) || ',"seq":' || seq || ',')
      FROM fresh;
    UPDATE session SET tail = coalesce((SELECT max(seq) FROM log WHERE log.session = session.id), 0);`,
  "forgotten-deletion": "DELETE FROM deleted;",
  // Nothing is open, says the record: nothing is ended and nothing goes on.
  "forgotten-turns": `UPDATE session SET open_turns = '[]';`,
};

const WRAP: Partial<Record<ControlName, (store: LogStore) => LogStore>> = {
  "write-behind": writeBehindStore,
  "early-wake": earlyWakeStore,
};

const config = loadConfig(process.env);
if (!config.ok) throw new Error(config.error);
const control = process.env["CRASH_CONTROL"] as ControlName;
const damage = DAMAGE[control];
if (damage !== undefined) {
  mkdirSync(config.value.dataDir, { recursive: true });
  const database = new DatabaseSync(join(config.value.dataDir, DATABASE_FILE));
  database.exec("PRAGMA journal_mode = WAL");
  createTables(database);
  database.exec(`BEGIN; ${damage} COMMIT`);
  database.close();
}
const wrapStore = WRAP[control];
const server = await startServer(config.value, wrapStore === undefined ? {} : { wrapStore });
process.once("SIGTERM", () => void server.close().then(() => process.exit(0)));
process.stdout.write(`Holdfast is ready: ${server.url}\n`);
