import { resolve } from "node:path";
import { dataDirOf } from "./config.ts";
import { keepFilesPrivate } from "./private-files.ts";
import { restore } from "./store/backup-file.ts";
import { systemRandom } from "./system-random.ts";

keepFilesPrivate();

// npm run restore -- FILE: puts a backup in the place of the data. The server must be stopped.
const name = process.argv[2];
const done =
  name === undefined
    ? { ok: false as const, error: "Name the backup: npm run restore -- FILE." }
    : await restore(dataDirOf(process.env), resolve(name), systemRandom, Date.now());
if (done.ok) {
  const { sessions, keptAside } = done.value;
  const aside = keptAside === undefined ? "" : ` What was there is in ${keptAside}.`;
  process.stdout.write(`Restored ${sessions} ${sessions === 1 ? "session" : "sessions"}.${aside}\n`);
} else {
  process.stderr.write(`${done.error}\n`);
  process.exitCode = 1;
}
