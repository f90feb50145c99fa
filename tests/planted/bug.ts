import { readdirSync, readFileSync } from "node:fs";

/** A bug to be planted into a copy of the source: a patch file with a few lines of words before it. */
export interface Bug {
  /** The file's name without its ending, e.g. `03-cursor-ahead-of-the-tail-silences`. */
  readonly name: string;
  readonly title: string;
  /** Who fell into it: "SERVER trap 11", a peer's bug, the rule it breaks. */
  readonly source: string;
  /** What a user would see of it. */
  readonly sees: string;
  /** A unified diff, paths as `a/src/…` and `b/src/…`. */
  readonly diff: string;
}

const BEGIN_OF_DIFF = /^--- a\//m;

/** Reads a patch file's text. Throws with a sentence when a line of its header is missing. */
export function parseBug(name: string, text: string): Bug {
  const begin = text.search(BEGIN_OF_DIFF);
  if (begin < 0) throw new Error(`${name}: there is no diff in it ("--- a/src/…").`);
  const header = text.slice(0, begin);
  const field = (key: string): string => {
    const value = new RegExp(`^${key}: (.+)$`, "m").exec(header)?.[1];
    if (value === undefined) throw new Error(`${name}: its header has no "${key}: …" line.`);
    return value.trim();
  };
  return {
    name,
    title: field("title"),
    source: field("source"),
    sees: field("sees"),
    diff: text.slice(begin),
  };
}

export function formatBug(bug: Bug): string {
  return `title: ${bug.title}\nsource: ${bug.source}\nsees: ${bug.sees}\n\n${bug.diff}`;
}

/** All patch files of a folder, in the order of their names. */
export function readBugs(folder: URL): readonly Bug[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".patch"))
    .sort()
    .map((file) => parseBug(file.slice(0, -".patch".length), readFileSync(new URL(file, folder), "utf8")));
}
