import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { applyPatch, createTwoFilesPatch, FILE_HEADERS_ONLY, parsePatch } from "diff";
import { formatBug, type Bug } from "./bug.ts";

/** What the simulation runs on: copied, because a bug must never be in the product. */
const COPIED = ["src", "tests/simulation", "tests/support"];

/** Lines around a change: few, so that a patch survives changes beside it. */
const CONTEXT_LINES = 2;

/** The patch does not fit the source any more. */
export class StalePatchError extends Error {
  override readonly name = "StalePatchError";
}

/** Makes a copy of the project's source at `copy`, with the bug in it. Without a bug: the control. */
export function plant(project: URL, copy: URL, bug: Bug | undefined): void {
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const folder of COPIED) {
    const from = new URL(`${folder}/`, project);
    if (existsSync(from)) cpSync(from, new URL(`${folder}/`, copy), { recursive: true });
  }
  if (bug === undefined) return;
  for (const [path, text] of patched(project, bug)) writeFileSync(new URL(path, copy), text);
}

/** The files that the bug changes, as they are with it. */
function patched(project: URL, bug: Bug, fuzzFactor = 0): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const file of parsePatch(bug.diff)) {
    const path = (file.newFileName ?? "").replace(/^b\//, "");
    if (!path.startsWith("src/")) throw new StalePatchError(`${bug.name}: "${path}" is not in src/.`);
    const url = new URL(path, project);
    const text = existsSync(url) && applyPatch(readFileSync(url, "utf8"), file, { fuzzFactor });
    if (text === false) {
      throw new StalePatchError(
        `${bug.name} does not apply to ${path} any more. Try \`npm run planted -- --renew\`; if that can't place it, ` +
          `make the same slip in the file as it is now, write \`git diff -U${CONTEXT_LINES} ${path}\` under the header of ` +
          `tests/planted/bugs/${bug.name}.patch, and undo it.`,
      );
    }
    files.set(path, text);
  }
  return files;
}

/** The patch file's text, its diff made anew for the source as it is. Throws when it can't be placed, however loosely. */
export function renew(project: URL, bug: Bug): string {
  const parts: string[] = [];
  for (const [path, text] of patched(project, bug, CONTEXT_LINES)) {
    const before = readFileSync(new URL(path, project), "utf8");
    parts.push(
      createTwoFilesPatch(`a/${path}`, `b/${path}`, before, text, undefined, undefined, {
        context: CONTEXT_LINES,
        headerOptions: FILE_HEADERS_ONLY,
      }),
    );
  }
  return formatBug({ ...bug, diff: parts.join("") });
}
