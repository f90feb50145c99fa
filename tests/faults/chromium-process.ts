import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { findBrowser } from "../support/browsers.ts";

const ARGS = [
  "--headless=new",
  "--remote-debugging-port=0",
  "--no-sandbox",
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--disable-gpu",
  // Pages of the browser's own that nobody sees here: drawing them took a fifth of a test's processor time.
  "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
  // The test server's certificate is its own.
  "--ignore-certificate-errors",
  "--hide-crash-restore-bubble",
  "--window-size=1280,800",
] as const;

/** The browser and its children, which are one process group. */
export class ChromiumProcess {
  readonly debuggerUrl: string;
  readonly pid: number;
  #child: ChildProcess;
  /** A run that is given up leaves no browser behind. */
  #killOnExit = (): void => this.#signalGroup("SIGKILL");

  private constructor(child: ChildProcess, pid: number, debuggerUrl: string) {
    process.once("exit", this.#killOnExit);
    this.#child = child;
    this.pid = pid;
    this.debuggerUrl = debuggerUrl;
  }

  /** Throws when there is no Chromium, or when it ends before it can be driven. */
  static async start(profileDir: string): Promise<ChromiumProcess> {
    const path = findBrowser("chromium");
    if (path === undefined) {
      throw new Error("No Chromium found: install it, or name it with HOLDFAST_CHROMIUM.");
    }
    const child = spawn(path, [...ARGS, `--user-data-dir=${profileDir}`, "about:blank"], {
      // A group of its own: all of the browser can be killed at one blow, and Ctrl-C of a test run is not its business.
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    const debuggerUrl = await new Promise<string>((resolve, reject) => {
      // Read to the end of its life: a full pipe would stop the browser.
      createInterface({ input: child.stderr }).on("line", (line) => {
        const found = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
        said = `${said}${line}\n`.slice(-2_000);
      });
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`Chromium ended with ${code}: ${said}`)));
    });
    if (child.pid === undefined) throw new Error("Chromium has no process id.");
    return new ChromiumProcess(child, child.pid, debuggerUrl);
  }

  /** SIGKILL for all of it. */
  async kill(): Promise<void> {
    const hasEnded = this.#child.exitCode !== null || this.#child.signalCode !== null;
    const end = hasEnded ? undefined : once(this.#child, "exit");
    this.#signalGroup("SIGKILL");
    await end;
    process.off("exit", this.#killOnExit);
  }

  /** The processes of the pages and of the network, which is what a phone stops. Linux only. */
  signalPages(signal: "SIGSTOP" | "SIGCONT"): void {
    for (const pid of this.#pagePids()) process.kill(pid, signal);
  }

  #signalGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      // Gone already is what was wanted.
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }

  #pagePids(): readonly number[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => {
        const command = readProcess(name, "cmdline");
        const isPage =
          command.includes("--type=renderer") || command.includes("network.mojom.NetworkService");
        return isPage && groupOf(readProcess(name, "stat")) === this.pid;
      })
      .map(Number);
  }
}

/** Empty for a process that has ended meanwhile. */
function readProcess(pid: string, file: "cmdline" | "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** The fifth field; the second is a name in brackets that may hold anything. */
function groupOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
}
