import { spawnSync } from "node:child_process";

/** What can be measured: `npm run bench` runs all, `npm run bench -- NAME` one. */
const BENCHES: Readonly<Record<string, string>> = {
  server: "memory of idle viewers, replay, append rate, fan-out against a bare node:http floor",
  "catch-up": "100,000 missed events in a real browser: the longest task and the time in all",
  switch: "session switches in a real browser: from memory, from disk, going on live",
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`Unknown benchmark: ${unknown.join(", ")}. Known:`);
  for (const [name, what] of Object.entries(BENCHES)) console.error(`  ${name.padEnd(8)} ${what}`);
  process.exitCode = 2;
} else {
  for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) {
    console.log(`\n${name}: ${BENCHES[name] ?? ""}`);
    const file = new URL(`${name}.ts`, import.meta.url).pathname;
    const done = spawnSync(process.execPath, ["--expose-gc", file], { stdio: "inherit" });
    if (done.status !== 0) process.exitCode = 1;
  }
}
