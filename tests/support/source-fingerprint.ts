import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

/** The product: what a report speaks of. Tests and words may change without making its figures untrue. */
const FOLDERS = ["src", "server"];

/** Names the product's source as it lies here, whether committed or not. The same on every machine. */
export function fingerprintSources(project = new URL("../../", import.meta.url)): string {
  const hash = createHash("sha256");
  for (const folder of FOLDERS) visit(new URL(`${folder}/`, project), folder);
  return hash.digest("hex").slice(0, 12);

  function visit(folder: URL, path: string): void {
    const entries = readdirSync(folder, { withFileTypes: true });
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      const name = `${path}/${entry.name}`;
      if (entry.isDirectory()) visit(new URL(`${entry.name}/`, folder), name);
      else hash.update(`${name}\0`).update(readFileSync(new URL(entry.name, folder)));
    }
  }
}
