import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** The commit that is measured, with "+" when the measured files differ from it; "unknown" outside of a repository. */
export function describeCommit(): string {
  const git = (...args: string[]): string =>
    execFileSync("git", args, {
      cwd: join(import.meta.dirname, "../.."),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    const isChanged = git("status", "--porcelain", "--", "src", "server", "bench/page") !== "";
    return `${git("rev-parse", "--short=10", "HEAD")}${isChanged ? "+" : ""}`;
  } catch {
    return "unknown";
  }
}
