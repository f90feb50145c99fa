import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test, vi } from "vitest";
import { backUp, restore } from "../../../server/store/backup-file.ts";
import { systemRandom } from "../../../server/system-random.ts";
import { DATABASE_FILE, openDataFolder, RESTORING_FILE } from "../../../server/store/data-folder.ts";
import { SCHEMA_VERSION } from "../../../server/store/schema.ts";
import { tempFolder } from "../../support/temp-folder.ts";

// Real files, sockets and scrypt: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 30_000 });

function refusal(directory: string): string {
  const opened = openDataFolder(directory);
  if (!opened.ok) return opened.error;
  opened.value.close();
  throw new Error("was opened");
}

function openAndClose(directory: string): void {
  const opened = openDataFolder(directory);
  if (!opened.ok) throw new Error(opened.error);
  opened.value.close();
}

test("a folder that is missing is made, parents included", () => {
  const directory = join(tempFolder(), "a", "b");
  openAndClose(directory);
  expect(readFileSync(join(directory, DATABASE_FILE)).byteLength).toBeGreaterThan(0);
});

test("a folder in use by another server is refused in one sentence, and free again afterwards", () => {
  const directory = tempFolder();
  const opened = openDataFolder(directory);
  expect(refusal(directory)).toMatch(/^Another Holdfast uses the data folder .*HOLDFAST_DATA_DIR\.$/);
  if (opened.ok) opened.value.close();
  openAndClose(directory);
});

test("a reader may look at the database while a server holds the folder", () => {
  const directory = tempFolder();
  const opened = openDataFolder(directory);
  const reader = new DatabaseSync(join(directory, DATABASE_FILE));
  expect(reader.prepare("SELECT count(*) AS n FROM session").get()).toEqual({ n: 0 });
  reader.close();
  if (opened.ok) opened.value.close();
});

test("a file where the folder should be is refused", () => {
  const file = join(tempFolder(), "file");
  writeFileSync(file, "");
  expect(refusal(file)).toMatch(/can't be written \(E\w+\)/);
  expect(refusal(join(file, "below"))).toMatch(/can't be written \(ENOTDIR\)/);
});

test.runIf(process.platform === "linux")(
  "a folder that the system will not make is refused, not tried for ever",
  () => {
    expect(refusal("/proc/holdfast")).toMatch(/can't be written \(ENOENT\)/);
    expect(refusal("/proc/holdfast/below")).toMatch(/can't be written \(ENOENT\)/);
  },
);

test("a folder that a killed restore left without its database is refused, and filled by the next restore", async () => {
  const directory = tempFolder();
  openAndClose(directory);
  const backup = join(tempFolder(), "backup.sqlite");
  expect(await backUp(directory, backup)).toMatchObject({ ok: true });
  // The last two steps of a restore are moving the old away and the new to its place.
  renameSync(join(directory, DATABASE_FILE), join(directory, RESTORING_FILE));
  expect(refusal(directory)).toMatch(/^A restore into .* was broken off\. Run "npm run restore/);
  expect(await restore(directory, backup, systemRandom, 0)).toMatchObject({ ok: true });
  openAndClose(directory);
});

test("a database that was moved, removed or replaced under its owner is not in place any more", () => {
  const directory = join(tempFolder(), "data");
  const opened = openDataFolder(directory);
  if (!opened.ok) throw new Error(opened.error);
  const folder = opened.value;
  expect(folder.isInPlace()).toBe(true);
  renameSync(directory, `${directory}-aside`);
  expect(folder.isInPlace()).toBe(false);
  mkdirSync(directory);
  writeFileSync(join(directory, DATABASE_FILE), "another");
  expect(folder.isInPlace()).toBe(false);
  rmSync(directory, { recursive: true });
  renameSync(`${directory}-aside`, directory);
  expect(folder.isInPlace()).toBe(true);
  folder.close();
});

test.each([
  ["no database at all", () => Buffer.from("not a database ".repeat(1000))],
  [
    "a database whose middle is overwritten",
    (good: Buffer) => Buffer.concat([good.subarray(0, 4096), Buffer.alloc(good.byteLength - 4096, 0xaa)]),
  ],
  ["a database cut short", (good: Buffer) => good.subarray(0, good.byteLength - 6_000)],
])("%s is refused as damaged and not touched", (_, damage) => {
  const directory = tempFolder();
  openAndClose(directory);
  const file = join(directory, DATABASE_FILE);
  const bytes = damage(readFileSync(file));
  writeFileSync(file, bytes);
  expect(refusal(directory)).toMatch(/is damaged; nothing was changed\. .*npm run restore/);
  expect(readFileSync(file).equals(bytes)).toBe(true);
  // The folder is let go of.
  expect(refusal(directory)).toContain("damaged");
});

test("a database of a newer build is refused and not touched", () => {
  const directory = tempFolder();
  openAndClose(directory);
  const database = new DatabaseSync(join(directory, DATABASE_FILE));
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  database.close();
  const before = readFileSync(join(directory, DATABASE_FILE));
  expect(refusal(directory)).toMatch(/newer Holdfast \(schema 2, this build knows 1\)\. Update Holdfast/);
  expect(readFileSync(join(directory, DATABASE_FILE)).equals(before)).toBe(true);
});

test("a database of another program is refused and not touched", () => {
  const directory = tempFolder();
  mkdirSync(directory, { recursive: true });
  const database = new DatabaseSync(join(directory, DATABASE_FILE));
  database.exec("CREATE TABLE theirs (x)");
  database.close();
  expect(refusal(directory)).toContain("another program");
});

test("a database locked by another program is named as such", () => {
  const directory = tempFolder();
  openAndClose(directory);
  const holder = new DatabaseSync(join(directory, DATABASE_FILE));
  holder.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; INSERT INTO deleted VALUES ('x')");
  expect(refusal(directory)).toMatch(/is locked by another program/);
  holder.close();
});

test("opening a folder again writes nothing, so that it can be read with a full disk", () => {
  const directory = tempFolder();
  openAndClose(directory);
  const again = openDataFolder(directory);
  expect(statSync(join(directory, `${DATABASE_FILE}-wal`), { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  if (again.ok) again.value.close();
});

test("a database that lacks a table is damaged, in one sentence", () => {
  const directory = tempFolder();
  openAndClose(directory);
  const database = new DatabaseSync(join(directory, DATABASE_FILE));
  database.exec("DROP TABLE log");
  database.close();
  expect(refusal(directory)).toMatch(/ is damaged; nothing was changed\./);
});
