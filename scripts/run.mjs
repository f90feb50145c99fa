#!/usr/bin/env node
// The one door of every npm script. Runs on any Node from 20 on, installs what is missing, then hands over to
// the Node that the project pins, because npm puts that one on the PATH only after it has been installed.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, "node_modules", ".bin", process.platform === "win32" ? `${name}.cmd` : name);
const installStamp = join(root, "node_modules", ".holdfast-installed");
const buildStamp = join(root, "dist", ".holdfast-built");

const COMMANDS = {
  start: () => withBuild(() => run(nodePath(), ["server/main.ts", ...rest])),
  dev: () => run(nodePath(), [join("node_modules", "vite", "bin", "vite.js"), ...rest]),
  build: () => build() || 0,
  "build:mock": () =>
    runSync(nodePath(), [
      join("node_modules", "vite", "bin", "vite.js"),
      "build",
      "--mode",
      "mock",
      "--outDir",
      "dist-mock",
    ]),
  check: () => run(nodePath(), ["scripts/check.ts", ...rest]),
  test: () => run(nodePath(), ["scripts/test.ts", ...rest]),
  "test:long": () => run(nodePath(), ["scripts/test-long.ts", ...rest]),
  simulate: () => run(nodePath(), ["tests/simulation/main.ts", ...rest]),
  planted: () => run(nodePath(), ["tests/planted/main.ts", ...rest]),
  crash: () => run(nodePath(), ["tests/crash/main.ts", ...rest]),
  faults: () => withBuild(() => run(bin("playwright"), ["test", "--project=faults-*", ...rest])),
  conformance: () => run(nodePath(), ["tests/conformance/main.ts", ...rest]),
  reliability: () => run(nodePath(), ["scripts/write-reliability.ts", ...rest]),
  bench: () => withBuild(() => run(nodePath(), ["bench/main.ts", ...rest])),
  backup: () => run(nodePath(), ["server/backup.ts", ...rest]),
  restore: () => run(nodePath(), ["server/restore.ts", ...rest]),
  format: () => run(bin("oxfmt"), rest),
};

const [command = "", ...rest] = process.argv.slice(2);
if (!Object.hasOwn(COMMANDS, command)) {
  fail(`Unknown command "${command}". Known: ${Object.keys(COMMANDS).join(", ")}.`);
}
ensureInstalled();
const code = COMMANDS[command]();
if (typeof code === "number") process.exitCode = code;

/** Installs the dependencies when they are missing or the lock file has changed since. */
function ensureInstalled() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(installStamp) && readFileSync(installStamp, "utf8") === lock) return;
  console.error("Installing dependencies (once) …");
  const npm = process.env.npm_execpath;
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const done = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ["ignore", 2, 2] })
    : spawnSync("npm", args, { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (done.status !== 0) fail("npm ci failed: see above. Is the npm registry reachable?");
  writeFileSync(installStamp, lock);
}

/** The pinned Node; the running one where it is new enough and npm was told to skip install scripts. */
function nodePath() {
  const pinned = bin("node");
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  return fail(
    "Node 24 is missing: npm was told not to run install scripts. Run `npm rebuild node --ignore-scripts=false`, or use Node 24 or newer.",
  );
}

/** Names and times of everything that goes into the build: unchanged means the build is still good. */
function sourceFingerprint() {
  const hash = createHash("sha256");
  const visit = (path) => {
    const stat = statSync(path);
    if (!stat.isDirectory()) return hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`);
    for (const name of readdirSync(path).sort()) visit(join(path, name));
    return hash;
  };
  for (const part of ["src", "public", "index.html", "vite.config.ts", "package.json", "package-lock.json"]) {
    const path = join(root, part);
    if (existsSync(path)) visit(path);
  }
  return hash.digest("hex");
}

/** Builds when the sources have changed. Answers the exit code when it failed. */
function build() {
  const fingerprint = sourceFingerprint();
  if (existsSync(buildStamp) && readFileSync(buildStamp, "utf8") === fingerprint) return 0;
  console.error("Building the app …");
  const status = runSync(nodePath(), [
    join("node_modules", "vite", "bin", "vite.js"),
    "build",
    "--logLevel",
    "warn",
  ]);
  if (status === 0) writeFileSync(buildStamp, fingerprint);
  return status;
}

function withBuild(next) {
  const failed = build();
  return failed === 0 ? next() : failed;
}

function environment() {
  const path = `${join(root, "node_modules", ".bin")}${process.platform === "win32" ? ";" : ":"}${process.env.PATH ?? ""}`;
  return { ...process.env, PATH: path };
}

function runSync(file, args) {
  return spawnSync(file, args, { cwd: root, stdio: "inherit", env: environment() }).status ?? 1;
}

/** Runs to the end, passing signals on, so that a stop reaches the server itself. */
function run(file, args) {
  const child = spawn(file, args, { cwd: root, stdio: "inherit", env: environment() });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(error.message));
  child.on("exit", (status, signal) => {
    process.exitCode = signal ? 1 : (status ?? 1);
  });
  return undefined;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
