import { expect, test } from "vitest";
import { ensureBrowsers, type Installer } from "../../../scripts/install-browsers.ts";
import type { BrowserName } from "../../support/browsers.ts";

const ALL = ["chromium", "firefox", "webkit"] as const;

/** A machine that lacks parts; `packages` names those that it can install, and what each brings. */
function machine(lacks: Partial<Record<BrowserName, string[]>>, packages: Readonly<Record<string, string>>) {
  const installed: string[][] = [];
  const downloads: BrowserName[] = [];
  const lines: string[] = [];
  const drop = (part: string): void => {
    for (const name of ALL) lacks[name] = (lacks[name] ?? []).filter((each) => each !== part);
  };
  const installer: Installer = {
    missing: (name) => lacks[name] ?? [],
    installPackages(wanted) {
      installed.push([...wanted]);
      // As apt-get does: one that is unknown, and nothing is installed.
      if (wanted.some((name) => packages[name] === undefined)) return false;
      for (const name of wanted) drop(packages[name] ?? "");
      return true;
    },
    download(name) {
      downloads.push(name);
      drop(name);
    },
    version: (name) => `${name} 1.0`,
    say: (line) => void lines.push(line),
  };
  return { installer, installed, downloads, lines };
}

const DEBIAN = {
  chromium: "chromium",
  "firefox-esr": "firefox",
  "libwebkit2gtk-4.1-0": "MiniBrowser",
  xvfb: "Xvfb",
  xdotool: "xdotool",
  "fonts-dejavu-core": "fonts",
};

test("nothing is installed where all is there, and the versions are said", () => {
  const { installer, installed, lines } = machine({}, DEBIAN);
  expect(ensureBrowsers(ALL, installer)).toEqual([]);
  expect(installed).toEqual([]);
  expect(lines).toEqual(["chromium: chromium 1.0", "firefox: firefox 1.0", "webkit: webkit 1.0"]);
});

test("what is missing is installed at once, the tools of WebKit included", () => {
  const lacks = { firefox: ["firefox"], webkit: ["MiniBrowser", "Xvfb", "xdotool"] };
  const { installer, installed, downloads } = machine(lacks, DEBIAN);
  expect(ensureBrowsers(ALL, installer)).toEqual([]);
  expect(installed).toEqual([["firefox-esr", "fonts-dejavu-core", "libwebkit2gtk-4.1-0", "xvfb", "xdotool"]]);
  expect(downloads).toEqual([]);
});

test("with Chromium comes the one that tests start faster, and where there is none nothing is missing", () => {
  const { installer, installed, downloads } = machine({ chromium: ["chromium"] }, DEBIAN);
  expect(ensureBrowsers(["chromium"], installer)).toEqual([]);
  expect(installed).toEqual([["chromium", "fonts-dejavu-core"], ["chromium-headless-shell"]]);
  expect(downloads).toEqual([]);
});

test("a package that the system lacks does not keep the others away", () => {
  const { "libwebkit2gtk-4.1-0": _unknown, ...packages } = DEBIAN;
  const lacks = { chromium: ["chromium"], webkit: ["MiniBrowser"] };
  const { installer, downloads, lines } = machine(lacks, packages);
  expect(ensureBrowsers(ALL, installer)).toEqual(["webkit"]);
  expect(lines).toContain("webkit: not here; missing MiniBrowser.");
  expect(downloads).toEqual([]);
});

test("without packages Chromium and Firefox are downloaded, and WebKit is named as missing", () => {
  const lacks = { chromium: ["chromium"], firefox: ["firefox"], webkit: ["MiniBrowser", "xdotool"] };
  const { installer, downloads, lines } = machine(lacks, {});
  expect(ensureBrowsers(ALL, installer)).toEqual(["webkit"]);
  expect(downloads).toEqual(["chromium", "firefox"]);
  expect(lines.at(-1)).toBe("webkit: not here; missing MiniBrowser, xdotool.");
});

test("an engine of which one tool is missing counts as missing", () => {
  const { installer } = machine({ webkit: ["xdotool"] }, {});
  expect(ensureBrowsers(["webkit"], installer)).toEqual(["webkit"]);
});
