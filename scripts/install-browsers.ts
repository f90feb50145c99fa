import { spawnSync } from "node:child_process";
import { findBrowser, type BrowserName } from "../tests/support/browsers.ts";

const DEBIAN_PACKAGES: Record<BrowserName, readonly string[]> = {
  chromium: ["chromium", "fonts-dejavu-core"],
  firefox: ["firefox-esr", "fonts-dejavu-core"],
};

function tryRun(file: string, args: readonly string[]): boolean {
  const done = spawnSync(file, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return done.status === 0;
}

/** Installs what is missing, from Debian's packages where this process may, else as Playwright's own download. */
function install(name: BrowserName): void {
  console.log(`Installing ${name} for the browser tests …`);
  const isRoot = process.getuid?.() === 0;
  const hasApt = spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status === 0;
  if (isRoot && hasApt && tryRun("apt-get", ["-qq", "update"])) {
    const options = ["-qq", "-o", "DPkg::Lock::Timeout=500", "install", "-y", "--no-install-recommends"];
    if (tryRun("apt-get", [...options, ...DEBIAN_PACKAGES[name]])) return;
  }
  tryRun("playwright", ["install", name]);
}

/** Makes sure that the browsers are there. Answers those that are not and could not be installed. */
export function ensureBrowsers(names: readonly BrowserName[]): readonly BrowserName[] {
  for (const name of names) if (findBrowser(name) === undefined) install(name);
  return names.filter((name) => findBrowser(name) === undefined);
}
