import { spawnSync } from "node:child_process";
import { browserVersion } from "../tests/support/browser-version.ts";
import { missingParts, type BrowserName } from "../tests/support/browsers.ts";

const DEBIAN_PACKAGES: Record<BrowserName, readonly string[]> = {
  chromium: ["chromium", "fonts-dejavu-core"],
  firefox: ["firefox-esr", "fonts-dejavu-core"],
  // The library brings MiniBrowser along; its screen and its hands are packages of their own.
  webkit: ["libwebkit2gtk-4.1-0", "xvfb", "xdotool", "fonts-dejavu-core"],
};

/** Without it the tests take longer: not every system has it, so its lack must not keep the others away. */
const SHORTCUT = "chromium-headless-shell";

function tryRun(file: string, args: readonly string[]): boolean {
  const done = spawnSync(file, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return done.status === 0;
}

/** What may be done to this machine. Tests bring their own. */
export interface Installer {
  missing(name: BrowserName): readonly string[];
  /** Answers whether it ran through; what counts is what is missing afterwards. */
  installPackages(packages: readonly string[]): boolean;
  /** Playwright's own download; it has a WebKit too, but none that the drivers here can use. */
  download(name: BrowserName): void;
  version(name: BrowserName): string;
  say(line: string): void;
}

const thisMachine: Installer = {
  missing: missingParts,
  installPackages(packages) {
    const isRoot = process.getuid?.() === 0;
    const hasApt = spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status === 0;
    if (!isRoot || !hasApt || !tryRun("apt-get", ["-qq", "update"])) return false;
    const options = ["-qq", "-o", "DPkg::Lock::Timeout=500", "install", "-y", "--no-install-recommends"];
    return tryRun("apt-get", [...options, ...packages]);
  },
  download: (name) => void tryRun("playwright", ["install", name]),
  version: (name) => browserVersion(name) ?? "of a version that it does not tell",
  say: (line) => console.log(line),
};

/**
 * Makes sure that the browsers are there, from Debian's packages where this process may, else by Playwright's own
 * download. Says which versions there are, and what is missing. Answers those that are not there, for the caller to
 * decide: a machine that is to prove something fails, a person's skips them by name.
 */
export function ensureBrowsers(
  names: readonly BrowserName[],
  installer: Installer = thisMachine,
): readonly BrowserName[] {
  const wanted = names.filter((name) => installer.missing(name).length > 0);
  if (wanted.length > 0) {
    installer.say(`Installing for the browser tests: ${wanted.join(", ")} …`);
    const packages = new Set(wanted.flatMap((name) => DEBIAN_PACKAGES[name]));
    // All at once: one index and one lock. A package that this system lacks must not keep the others away.
    if (!installer.installPackages([...packages])) {
      for (const name of wanted) installer.installPackages(DEBIAN_PACKAGES[name]);
    }
    if (wanted.includes("chromium")) installer.installPackages([SHORTCUT]);
    for (const name of wanted) {
      if (name !== "webkit" && installer.missing(name).length > 0) installer.download(name);
    }
  }
  for (const name of names) {
    const missing = installer.missing(name);
    installer.say(
      missing.length === 0
        ? `${name}: ${installer.version(name)}`
        : `${name}: not here; missing ${missing.join(", ")}.`,
    );
  }
  return names.filter((name) => installer.missing(name).length > 0);
}
