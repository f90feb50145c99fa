import { execFileSync } from "node:child_process";
import { findBrowser } from "../support/browsers.ts";
import type { EngineName, FaultBrowser } from "./fault-browser.ts";

/** Starts the engine's browser; its driver is loaded only then. */
export async function openBrowser(engine: EngineName): Promise<FaultBrowser> {
  switch (engine) {
    case "chromium":
      return (await import("./chromium-browser.ts")).openChromium();
    case "firefox":
      return (await import("./firefox-browser.ts")).openFirefox();
    case "webkit":
      return (await import("./webkit-browser.ts")).openWebkit();
  }
}

/** Undefined: it is here. Else the sentence for the report. */
export function whyMissing(engine: EngineName): string | undefined {
  return findBrowser(engine) === undefined ? `${engine} is not installed.` : undefined;
}

/** "Mozilla Firefox 153.7esr"; undefined when it is not here. */
export function engineVersion(engine: EngineName): string | undefined {
  const path = findBrowser(engine);
  if (path === undefined) return undefined;
  try {
    const answer = execFileSync(path, ["--version"], {
      encoding: "utf8",
      timeout: 20_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return answer.trim().split("\n", 1)[0];
  } catch {
    // It is here and does not say which one it is.
    return engine;
  }
}
