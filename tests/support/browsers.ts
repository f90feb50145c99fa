import { existsSync } from "node:fs";
import { chromium, firefox } from "@playwright/test";

export type BrowserName = "chromium" | "firefox";

const PLACES: Record<BrowserName, readonly string[]> = {
  chromium: [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  ],
  firefox: ["/usr/bin/firefox-esr", "/usr/bin/firefox"],
};

/** Where a browser is: named by the environment (`HOLDFAST_CHROMIUM`), the system's, or Playwright's own. */
export function findBrowser(name: BrowserName): string | undefined {
  const named = process.env[`HOLDFAST_${name.toUpperCase()}`];
  const own = name === "chromium" ? chromium.executablePath() : firefox.executablePath();
  return [named, ...PLACES[name], own].find((path) => path !== undefined && path !== "" && existsSync(path));
}
