import { join } from "node:path";
import { build } from "vite";

const PAGE = join(import.meta.dirname, "../page");

/** Where the built page lies, in the cache of the project. */
export const PAGE_FOLDER = join(import.meta.dirname, "../../.cache/bench-page");

/** Builds the page that renderers are measured in, as the app itself is built. */
export async function buildPage(): Promise<void> {
  await build({
    configFile: false,
    root: PAGE,
    base: "./",
    logLevel: "error",
    define: { __APP_VERSION__: JSON.stringify("bench") },
    build: {
      outDir: PAGE_FOLDER,
      emptyOutDir: true,
      // What the app is built for: peers and we get the same.
      target: ["chrome111", "firefox115", "safari16.4"],
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 5_000,
    },
  });
}
