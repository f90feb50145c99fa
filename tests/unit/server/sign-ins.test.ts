import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { openSignIns, type SignIns } from "../../../server/auth/sign-ins.ts";
import { DATABASE_FILE, openDataFolder } from "../../../server/store/data-folder.ts";
import { tempFolder } from "../../support/temp-folder.ts";

// Real files, sockets and scrypt: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 30_000 });

const DAY_MS = 24 * 60 * 60_000;
const LIFETIME_MS = 30 * DAY_MS;

interface Opened {
  readonly signIns: SignIns;
  readonly reports: readonly string[];
  /** From now on nothing can be written, as on a full disk, or can again. */
  fill(isFull: boolean): void;
  close(): void;
}

async function open(
  directory: string,
  now: () => number,
  password = "open sesame",
  maxSignIns = 100,
): Promise<Opened> {
  const folder = openDataFolder(directory);
  if (!folder.ok) throw new Error(folder.error);
  onTestFinished(() => folder.value.close());
  const { database } = folder.value;
  const reports: string[] = [];
  const reporter = { warn: (message: string) => void reports.push(message) };
  return {
    signIns: await openSignIns({ database, password, now, lifetimeMs: LIFETIME_MS, maxSignIns, reporter }),
    reports,
    fill: (isFull) => database.exec(`PRAGMA query_only = ${isFull ? "ON" : "OFF"}`),
    close: () => folder.value.close(),
  };
}

test("a sign-in outlives a restart", async () => {
  const directory = tempFolder();
  const first = await open(directory, () => 0);
  const { token, signIn } = first.signIns.create();
  first.close();
  const second = await open(directory, () => 5);
  expect(second.signIns.find(token)?.signIn).toEqual(signIn);
});

test("a changed password ends every sign-in", async () => {
  const directory = tempFolder();
  const first = await open(directory, () => 0);
  const { token } = first.signIns.create();
  first.close();
  const second = await open(directory, () => 0, "another");
  expect(second.signIns.find(token)).toBeUndefined();
  expect(await second.signIns.isPassword("another")).toBe(true);
  expect(await second.signIns.isPassword("open sesame")).toBe(false);
});

test("neither token nor password is on the disk", async () => {
  const directory = tempFolder();
  const opened = await open(directory, () => 0);
  const { token } = opened.signIns.create();
  opened.close();
  const disk = readFileSync(join(directory, "holdfast.sqlite"), "latin1");
  expect(disk).not.toContain(token);
  expect(disk).not.toContain("open sesame");
});

test("a sign-in slides while it is used and runs out when it isn't", async () => {
  let time = 0;
  const { signIns } = await open(tempFolder(), () => time);
  const { token } = signIns.create();
  for (let day = 29; day <= 29 * 4; day += 29) {
    time = day * DAY_MS;
    expect(signIns.find(token)?.isRenewed).toBe(true);
    expect(signIns.find(token)?.isRenewed).toBe(false);
  }
  time += LIFETIME_MS;
  expect(signIns.find(token)).toBeUndefined();
  time = 0;
  expect(signIns.find(token)).toBeUndefined();
});

test("what was never given, or is no token, finds nothing", async () => {
  const { signIns } = await open(tempFolder(), () => 0);
  const { token } = signIns.create();
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  for (const wrong of ["", "x", `${token}x`, token.slice(1), "A".repeat(43), "__proto__"]) {
    expect(signIns.find(wrong)).toBeUndefined();
  }
});

test("the end of a sign-in is told to what waits for it, once, and to nobody else", async () => {
  const { signIns } = await open(tempFolder(), () => 0);
  const [mine, other] = [signIns.create(), signIns.create()];
  const told: string[] = [];
  signIns.onEnd(mine.signIn, () => told.push("mine"));
  const forget = signIns.onEnd(mine.signIn, () => told.push("forgotten"));
  signIns.onEnd(other.signIn, () => told.push("other"));
  forget();
  signIns.end(mine.signIn);
  signIns.end(mine.signIn);
  expect(told).toEqual(["mine"]);
  signIns.onEnd(mine.signIn, () => told.push("late"));
  expect(told).toEqual(["mine", "late"]);
});

test("beyond the limit the one used longest ago makes room", async () => {
  let time = 0;
  const { signIns } = await open(tempFolder(), () => time, "open sesame", 2);
  const [a, b] = [signIns.create(), signIns.create()];
  time = 2 * DAY_MS;
  signIns.find(a.token);
  const c = signIns.create();
  expect([a, b, c].map(({ token }) => signIns.find(token) !== undefined)).toEqual([true, false, true]);
});

test("on a full disk one can sign in and out, streams end with it, and what has ended is forgotten when there is space", async () => {
  const directory = tempFolder();
  let time = 0;
  const opened = await open(directory, () => time);
  const { token, signIn } = opened.signIns.create();
  const kept = opened.signIns.create();
  const ended: string[] = [];
  opened.signIns.onEnd(signIn, () => ended.push("stream"));
  opened.fill(true);
  expect(opened.signIns.find(opened.signIns.create().token)).toBeDefined();
  time = 2 * DAY_MS;
  expect(opened.signIns.find(kept.token)?.isRenewed).toBe(true);
  opened.signIns.end(signIn);
  expect([ended, opened.signIns.find(token)]).toEqual([["stream"], undefined]);
  expect(opened.reports.length).toBeGreaterThan(0);

  opened.fill(false);
  opened.signIns.endExpired();
  opened.close();
  const later = await open(directory, () => time);
  expect([later.signIns.find(token), later.signIns.find(kept.token) === undefined]).toEqual([
    undefined,
    false,
  ]);
});

test("a sign-in that has run out ends what waits for its end without being asked for", async () => {
  let time = 0;
  const { signIns } = await open(tempFolder(), () => time);
  const ended: string[] = [];
  signIns.onEnd(signIns.create().signIn, () => ended.push("old"));
  time = DAY_MS;
  signIns.onEnd(signIns.create().signIn, () => ended.push("new"));
  time = LIFETIME_MS;
  signIns.endExpired();
  expect(ended).toEqual(["old"]);
});

test("a clock that was years ahead does not keep a sign-in for years", async () => {
  let time = 3_650 * DAY_MS;
  const { signIns } = await open(tempFolder(), () => time);
  const [used, unused] = [signIns.create().token, signIns.create().token];
  time = 0;
  expect(signIns.find(used)).toBeDefined();
  signIns.endExpired();
  time = LIFETIME_MS;
  expect([signIns.find(used), signIns.find(unused)]).toEqual([undefined, undefined]);
});

test("a sign-in that could not be written down for a lock is written with the next, and outlives a restart", async () => {
  const directory = tempFolder();
  const first = await open(directory, () => 0);
  first.fill(true);
  const { token } = first.signIns.create();
  expect(first.reports).toEqual([expect.stringContaining("could not be written down")]);
  first.fill(false);
  const { token: later } = first.signIns.create();
  first.close();
  const second = await open(directory, () => 5);
  expect([token, later].map((one) => second.signIns.find(one) !== undefined)).toEqual([true, true]);
});

test("a password that can't be written because the database is locked says so", async () => {
  const directory = tempFolder();
  const folder = openDataFolder(directory);
  if (!folder.ok) throw new Error(folder.error);
  const { database } = folder.value;
  database.exec("PRAGMA busy_timeout = 0");
  const other = new DatabaseSync(join(directory, DATABASE_FILE));
  other.exec("BEGIN IMMEDIATE");
  const opening = openSignIns({
    database,
    password: "open sesame",
    now: () => 0,
    lifetimeMs: LIFETIME_MS,
    maxSignIns: 1,
    reporter: { warn: () => undefined },
  });
  await expect(opening).rejects.toThrow(/database is locked\)\. Close the other program and start again/);
  other.close();
  folder.value.close();
});
