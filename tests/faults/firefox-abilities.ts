import type { Ability } from "./fault-browser.ts";

/** Why Firefox, driven by Playwright, can't be made to do it; undefined: it can. */
export function whyNot(ability: Ability): string | undefined {
  switch (ability) {
    case "hide":
      return "A page that WebDriver BiDi drives is never hidden in Firefox: no way was found.";
    case "freeze":
      return "Firefox has no frozen state of a page.";
    case "crash":
      return "The content process can't be crashed over WebDriver BiDi, and to kill it by its number is not built; the whole browser is killed instead (28).";
    case "suspend":
      return "Not built for Firefox: what iOS does to an app is shown in WebKit, by signals to its processes.";
    case "bfcache":
      return "Firefox keeps no page in the back-forward cache that has an open stream.";
    case "quota":
      return "The quota can't be set over WebDriver BiDi; what the app does then is shown by 38a.";
    case "clear-storage":
      return "Storage can't be cleared under a running page over WebDriver BiDi.";
    case "lose-storage":
      return "IndexedDB lives in the browser's own process: it is lost with all of it (28).";
    case "slow-cpu":
      return "Not built for Firefox: WebDriver BiDi can't throttle the CPU, and its content process would have to be stopped in turns, as in WebKit.";
    case "kill":
      return process.platform === "linux"
        ? undefined
        : "The browser's process is found by /proc, which this system does not have.";
    case "offline":
    case "clock":
      return undefined;
  }
}

/** For what it can't. */
export function missing(ability: Ability): Promise<never> {
  return Promise.reject(new Error(whyNot(ability) ?? `${ability} is not there.`));
}
