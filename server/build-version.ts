import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { parseJson } from "../src/protocol/parse.ts";

const VersionSchema = v.object({ version: v.string() });

/** The stamp of the built app (`dist/version.json`), so that a page knows when it is older than its server; else the package's version. */
export function readBuildVersion(distDir: string): string {
  return (
    readVersion(join(distDir, "version.json")) ??
    readVersion(join(import.meta.dirname, "..", "package.json")) ??
    "0.0.0"
  );
}

function readVersion(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // Not built yet.
    return undefined;
  }
  const parsed = parseJson(VersionSchema, text);
  return parsed.ok ? parsed.value.version : undefined;
}
