import { resolve } from "node:path";
import { dataDirOf } from "./config.ts";
import { keepFilesPrivate } from "./private-files.ts";
import { backUp } from "./store/backup-file.ts";

keepFilesPrivate();

// npm run backup [-- FILE]: copies all data into one file, also while the server runs.
const stamp = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
const file = resolve(process.argv[2] ?? `holdfast-backup-${stamp}.sqlite`);
const done = await backUp(dataDirOf(process.env), file);
if (done.ok) {
  process.stdout.write(`Backed up to ${file} (${Math.ceil(done.value.bytes / 1024)} KiB).\n`);
} else {
  process.stderr.write(`${done.error}\n`);
  process.exitCode = 1;
}
