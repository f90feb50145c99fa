import { accessSync, constants, existsSync, globSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, firefox } from "@playwright/test";

export const BROWSER_NAMES = ["chromium", "firefox", "webkit"] as const;
export type BrowserName = (typeof BROWSER_NAMES)[number];

const PLACES: Record<BrowserName, readonly string[]> = {
  chromium: [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  ],
  firefox: ["/usr/bin/firefox-esr", "/usr/bin/firefox"],
  // WebKitGTK's own test browser, with GTK 3: Debian, Arch, Fedora.
  webkit: [
    "/usr/lib/*/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/webkit2gtk-4.1/MiniBrowser",
    "/usr/libexec/webkit2gtk-4.1/MiniBrowser",
  ],
};

/** Debian's package `chromium-headless-shell`: the same engine in the same version. */
const HEADLESS_SHELL = "/usr/bin/chromium-headless-shell";

/** What MiniBrowser is run with: a screen of its own, and hands for its keyboard and windows. */
const WEBKIT_TOOLS = ["Xvfb", "xdotool"] as const;

/** Where a browser is: named by the environment (`HOLDFAST_CHROMIUM`, …, `HOLDFAST_MINIBROWSER`), the system's, or Playwright's own. */
export function findBrowser(name: BrowserName): string | undefined {
  const named =
    name === "webkit" ? process.env["HOLDFAST_MINIBROWSER"] : process.env[`HOLDFAST_${name.toUpperCase()}`];
  const found = PLACES[name].flatMap((place) => (place.includes("*") ? globSync(place) : [place]));
  return [named, ...found, playwrightsOwn(name)].find(
    (path) => path !== undefined && path !== "" && existsSync(path),
  );
}

/**
 * Chromium without its own windows, which costs a third less: for tests of the page. The browser itself where it isn't here;
 * `HOLDFAST_CHROMIUM` names either.
 */
export function findHeadlessChromium(): string | undefined {
  const named = process.env["HOLDFAST_CHROMIUM"] ?? "";
  return named === "" && existsSync(HEADLESS_SHELL) ? HEADLESS_SHELL : findBrowser("chromium");
}

/** What is missing to run a browser here, by name; empty: it can be run. */
export function missingParts(name: BrowserName): readonly string[] {
  const browser = name === "webkit" ? "MiniBrowser of WebKitGTK" : name;
  return [
    ...(findBrowser(name) === undefined ? [browser] : []),
    ...(name === "webkit" ? WEBKIT_TOOLS.filter((tool) => findProgram(tool) === undefined) : []),
  ];
}

/** A program on the PATH. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Its WebKit is a build of its own, which only its own protocol drives: no place for a fault from outside. */
function playwrightsOwn(name: BrowserName): string | undefined {
  switch (name) {
    case "chromium":
      return chromium.executablePath();
    case "firefox":
      return firefox.executablePath();
    case "webkit":
      return undefined;
  }
}
