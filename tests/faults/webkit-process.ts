import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { findBrowser } from "../support/browsers.ts";
import { descendants, isAlive } from "./process-tree.ts";
import { freePort } from "../support/free-port.ts";

/** What a WebKit browser consists of, besides itself. */
export type WebKitPart = "WebKitWebProcess" | "WebKitNetworkProcess";

/**
 * MiniBrowser with its children. Not driven by WebDriver: under automation its sessions keep nothing on disk, and the
 * death of the network process ends them. Its remote inspector (`webkit-inspector.ts`) does neither.
 */
export class WebKitProcess {
  readonly inspectorPort: number;
  readonly pid: number;
  #child: ChildProcess;
  /** A run that ends in the middle of a test must not leave a browser behind. */
  #killAtExit = (): void => signalQuietly(-this.pid, "SIGKILL");

  private constructor(child: ChildProcess, pid: number, inspectorPort: number) {
    this.#child = child;
    this.pid = pid;
    this.inspectorPort = inspectorPort;
    process.once("exit", this.#killAtExit);
  }

  /** Throws when there is no MiniBrowser, or when it ends at once. */
  static async start(profileDir: string, display: string): Promise<WebKitProcess> {
    const path = findBrowser("webkit");
    if (path === undefined) {
      throw new Error(
        "No MiniBrowser found: install WebKitGTK (Debian: webkit2gtk-driver), or name it with HOLDFAST_MINIBROWSER.",
      );
    }
    const inspectorPort = await freePort();
    const child = spawn(path, ["about:blank"], {
      // A group of its own: all of the browser can be killed at one blow.
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        PATH: process.env["PATH"] ?? "",
        LANG: "C.UTF-8",
        HOME: profileDir,
        XDG_DATA_HOME: `${profileDir}/data`,
        XDG_CACHE_HOME: `${profileDir}/cache`,
        XDG_CONFIG_HOME: `${profileDir}/config`,
        DISPLAY: display,
        GDK_BACKEND: "x11",
        // Nothing of a desktop's: no bus, no input method between a key and the page.
        GTK_IM_MODULE: "gtk-im-context-simple",
        GSETTINGS_BACKEND: "memory",
        NO_AT_BRIDGE: "1",
        LIBGL_ALWAYS_SOFTWARE: "1",
        WEBKIT_INSPECTOR_HTTP_SERVER: `127.0.0.1:${inspectorPort}`,
      },
    });
    let said = "";
    child.stderr.on("data", (bytes: Buffer) => (said = `${said}${bytes.toString()}`.slice(-2_000)));
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`MiniBrowser ended with ${code}: ${said}`)));
      child.once("spawn", resolve);
    });
    if (child.pid === undefined) throw new Error("MiniBrowser has no process id.");
    return new WebKitProcess(child, child.pid, inspectorPort);
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The parts that run now, of this browser alone. */
  parts(name: WebKitPart): readonly number[] {
    return descendants(this.pid)
      .filter((child) => child.name === name && child.state !== "Z")
      .map((child) => child.pid);
  }

  /** As a phone stops an app: pages and network stand still, sockets stay open. */
  signalParts(signal: "SIGSTOP" | "SIGCONT"): void {
    const pids = [...this.parts("WebKitWebProcess"), ...this.parts("WebKitNetworkProcess")];
    for (const pid of pids) signalQuietly(pid, signal);
  }

  /** SIGKILL for all of it, helpers that were stopped included. */
  async kill(): Promise<void> {
    process.off("exit", this.#killAtExit);
    const children = descendants(this.pid).map((child) => child.pid);
    const end = this.hasEnded ? undefined : once(this.#child, "exit");
    signalQuietly(-this.pid, "SIGKILL");
    for (const pid of children) signalQuietly(pid, "SIGKILL");
    await end;
    await untilGone(children);
  }
}

/** Its files must be closed before another browser opens the same profile. */
export async function untilGone(pids: readonly number[]): Promise<void> {
  const limitMs = performance.now() + 5_000;
  while (pids.some(isAlive)) {
    if (performance.now() > limitMs)
      throw new Error(`Processes outlive SIGKILL: ${pids.filter(isAlive).join(", ")}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Gone already is what a signal to a browser's part may find. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
