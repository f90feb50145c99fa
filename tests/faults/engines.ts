import { browserVersion } from "../support/browser-version.ts";
import { findBrowser, missingParts } from "../support/browsers.ts";
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
  const missing = missingParts(engine);
  return missing.length === 0 ? undefined : `Not installed: ${missing.join(", ")}.`;
}

/** "Mozilla Firefox 153.7esr"; undefined when it is not here. */
export function engineVersion(engine: EngineName): string | undefined {
  // It may be here and not say which one it is.
  return findBrowser(engine) === undefined ? undefined : (browserVersion(engine) ?? engine);
}
