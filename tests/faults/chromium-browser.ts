import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChromiumCdp } from "./chromium-cdp.ts";
import { ChromiumProcess } from "./chromium-process.ts";
import { ChromiumTab } from "./chromium-tab.ts";
import type { Ability, FaultBrowser } from "./fault-browser.ts";

/** The system's Chromium, headless, on a profile of its own that outlives a kill and goes with `close`. */
export async function openChromium(): Promise<FaultBrowser> {
  const profileDir = await mkdtemp(join(tmpdir(), "holdfast-chromium-"));
  let running = await start(profileDir);

  return {
    engine: "chromium",
    whyNot,
    openTab: (url, options) => ChromiumTab.open(running.cdp, url, options?.init),
    kill: () => running.process.kill(),
    async relaunch() {
      running.cdp.close();
      await running.process.kill();
      running = await start(profileDir);
    },
    suspend() {
      running.process.signalPages("SIGSTOP");
      return Promise.resolve();
    },
    wake() {
      running.process.signalPages("SIGCONT");
      return Promise.resolve();
    },
    async close() {
      running.cdp.close();
      await running.process.kill();
      // A child that is being reaped may still hold a file of the profile for a moment.
      await rm(profileDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

function whyNot(ability: Ability): string | undefined {
  switch (ability) {
    case "lose-storage":
      return "IndexedDB lives in the browser's own process: it is lost with all of it (28), or cleared (36).";
    case "suspend":
      return process.platform === "linux"
        ? undefined
        : "The processes of page and network are found by /proc, which this system does not have.";
    case "hide":
    case "freeze":
    case "crash":
    case "kill":
    case "offline":
    case "bfcache":
    case "quota":
    case "clear-storage":
    case "slow-cpu":
    case "clock":
      return undefined;
  }
}

async function start(
  profileDir: string,
): Promise<{ readonly process: ChromiumProcess; readonly cdp: ChromiumCdp }> {
  const process = await ChromiumProcess.start(profileDir);
  try {
    return { process, cdp: await ChromiumCdp.connect(process.debuggerUrl) };
  } catch (error) {
    await process.kill();
    throw error;
  }
}
