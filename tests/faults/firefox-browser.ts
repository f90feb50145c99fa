import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firefox, type BrowserContext } from "@playwright/test";
import { findBrowser } from "../support/browsers.ts";
import type { FaultBrowser } from "./fault-browser.ts";
import { missing, whyNot } from "./firefox-abilities.ts";
import { FirefoxTab } from "./firefox-tab.ts";

/** Firefox ESR over Playwright, headless, on a profile of its own that outlives a kill and goes with `close`. */
export async function openFirefox(): Promise<FaultBrowser> {
  const profileDir = await mkdtemp(join(tmpdir(), "holdfast-firefox-"));
  let context = await launch(profileDir);

  return {
    engine: "firefox",
    whyNot,
    openTab: (url, options) => FirefoxTab.open(context, url, options?.init),
    async kill() {
      const closed = context.waitForEvent("close");
      for (const pid of processesOf(profileDir)) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // Gone with its parent.
        }
      }
      await closed;
    },
    async relaunch() {
      context = await launch(profileDir);
    },
    suspend: () => missing("suspend"),
    wake: () => missing("suspend"),
    async close() {
      await context.close().catch(() => undefined);
      // A process that is being reaped may still hold a file of the profile for a moment.
      await rm(profileDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

function launch(profileDir: string): Promise<BrowserContext> {
  const executablePath = findBrowser("firefox");
  return firefox.launchPersistentContext(profileDir, {
    channel: "moz-firefox",
    ...(executablePath === undefined ? {} : { executablePath }),
    headless: true,
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 800 },
  });
}

/** The browser's own process; the others end with it. */
function processesOf(profileDir: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return command.includes(profileDir) && !command.includes("-contentproc");
      } catch {
        // Ended while it was looked at.
        return false;
      }
    })
    .map(Number);
}
