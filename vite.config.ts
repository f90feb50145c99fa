import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";
import { mockWorker } from "./scripts/mock-worker-plugin.ts";
import { diagramPage } from "./scripts/diagram-page-plugin.ts";
import { pagePolicy } from "./scripts/page-policy-plugin.ts";

/** The version a build shows and busts caches by: package version, commit, and `-dirty` for a changed tree. */
function versionStamp(): string {
  const version: unknown = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")).version;
  const git = (...args: string[]): string =>
    execFileSync("git", args, {
      cwd: import.meta.dirname,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    const dirty = git("status", "--porcelain") === "" ? "" : "-dirty";
    return `${String(version)}+${git("rev-parse", "--short=8", "HEAD")}${dirty}`;
  } catch {
    // A tarball without its history is still a build.
    return String(version);
  }
}

const stamp = versionStamp();

function versionFile(): Plugin {
  return {
    name: "holdfast-version-file",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "version.json", source: JSON.stringify({ version: stamp }) });
    },
  };
}

export default defineConfig({
  define: { __APP_VERSION__: JSON.stringify(stamp) },
  plugins: [versionFile(), mockWorker(), pagePolicy(), diagramPage()],
  worker: { format: "es" },
  // Found in time: found by the first page, they would reload it in the middle of its first request.
  optimizeDeps: { include: ["msw/browser", "msw/http"] },
  server: { port: 5173 },
  preview: { port: 5174 },
  build: {
    target: ["chrome111", "firefox115", "safari16.4"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
