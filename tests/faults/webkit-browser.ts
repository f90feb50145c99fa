import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ability, FaultBrowser, FaultTab } from "./fault-browser.ts";
import { VirtualDisplay } from "./virtual-display.ts";
import { throttleProcess } from "./throttle-process.ts";
import { WebKitDesk } from "./webkit-desk.ts";
import { unlessGone } from "./page-gone-error.ts";
import { listPages, WebKitInspector } from "./webkit-inspector.ts";
import { signalQuietly, untilGone, WebKitProcess } from "./webkit-process.ts";
import { until, WebKitTab, type WebKitWindow } from "./webkit-tab.ts";

/** MiniBrowser, its first page and the network process have that long to come. Unit: ms. */
const START_LIMIT_MS = 20_000;

const WHY_NOT: Partial<Record<Ability, string>> = {
  freeze: "WebKit has no frozen state of pages; what iOS does instead is scenario 24.",
  quota: "WebKitGTK has no way to set a quota from outside.",
};

/** WebKitGTK's MiniBrowser on a display of its own, driven by its remote inspector, on a profile that outlives its death. */
export async function openWebkit(): Promise<FaultBrowser> {
  const profileDir = await mkdtemp(join(tmpdir(), "holdfast-webkit-"));
  const display = await VirtualDisplay.start();
  const browser = new WebKitBrowser(profileDir, display);
  try {
    await browser.relaunch();
    return browser;
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** What one run of the browser has; the next has its own. */
interface Launch {
  readonly process: WebKitProcess;
  /** The first window: it opens the others and stays, because without a window the browser ends. */
  readonly keeper: WebKitInspector;
}

class WebKitBrowser implements FaultBrowser {
  readonly engine = "webkit";
  #profileDir: string;
  #display: VirtualDisplay;
  #desk: WebKitDesk;
  #launch: Launch | undefined;
  #inspectors = new Set<WebKitInspector>();
  #unthrottle = new Set<() => void>();
  #windows = 0;

  constructor(profileDir: string, display: VirtualDisplay) {
    this.#profileDir = profileDir;
    this.#display = display;
    this.#desk = new WebKitDesk(display.name);
  }

  whyNot(ability: Ability): string | undefined {
    return WHY_NOT[ability];
  }

  async openTab(url: string, options: { readonly init?: string } = {}): Promise<FaultTab> {
    let tab: WebKitTab | undefined;
    const script = (): string => tab?.script ?? "";
    const window = await this.#openWindow(script);
    tab = new WebKitTab(
      {
        desk: this.#desk,
        closeWindow: (closed) => this.#closeWindow(closed),
        reopen: async (crashed) => {
          await this.#closeWindow(crashed);
          return this.#openWindow(script);
        },
        webProcess: (isStopped) => this.#findWebProcess(isStopped),
        killWebProcess: async (pid) => {
          signalQuietly(pid, "SIGKILL");
          await untilGone([pid]);
        },
        killNetwork: () => this.#killNetwork(),
        clearStorage: () => this.#clearStorage(),
        throttle: (pid, factor) => this.#throttle(pid, factor),
      },
      window,
      options.init ?? "",
    );
    await unlessGone(window.inspector.send("Page.setBootstrapScript", { source: tab.script }));
    await tab.goto(url);
    return tab;
  }

  async kill(): Promise<void> {
    const launch = this.#launch;
    this.#launch = undefined;
    for (const stop of this.#unthrottle) stop();
    this.#unthrottle.clear();
    for (const inspector of this.#inspectors) inspector.close();
    this.#inspectors.clear();
    launch?.keeper.close();
    await launch?.process.kill();
  }

  async relaunch(): Promise<void> {
    const process = await WebKitProcess.start(this.#profileDir, this.#display.name);
    let path: string | undefined;
    await until("the first page of MiniBrowser", START_LIMIT_MS, async () => {
      if (process.hasEnded) throw new Error("MiniBrowser ended while it was starting.");
      [path] = await listPages(process.inspectorPort).catch(() => []);
      return path !== undefined;
    });
    const keeper = await WebKitInspector.connect(
      `ws://127.0.0.1:${process.inspectorPort}/${path ?? ""}`,
      async () => undefined,
    );
    this.#launch = { process, keeper };
  }

  async suspend(): Promise<void> {
    this.#running().process.signalParts("SIGSTOP");
  }

  async wake(): Promise<void> {
    this.#running().process.signalParts("SIGCONT");
  }

  async close(): Promise<void> {
    await this.kill();
    await this.#display.stop();
    await rm(this.#profileDir, { recursive: true, force: true });
  }

  #running(): Launch {
    if (this.#launch === undefined) throw new Error("The browser was killed; relaunch it first.");
    return this.#launch;
  }

  /** `script` is asked for every process that the window's page gets. */
  async #openWindow(script: () => string): Promise<WebKitWindow> {
    const { process, keeper } = this.#running();
    const known = new Set(await listPages(process.inspectorPort));
    this.#windows += 1;
    const title = `fault-window-${this.#windows}`;
    // "noopener" gives it a process of its own, as a person's new tab has.
    await keeper.send("Runtime.evaluate", {
      expression: `window.open("about:blank", "_blank", "noopener")`,
      emulateUserGesture: true,
    });
    let path: string | undefined;
    await until("a new window", START_LIMIT_MS, async () => {
      path = (await listPages(process.inspectorPort)).find((page) => !known.has(page));
      return path !== undefined;
    });
    const inspector = await WebKitInspector.connect(
      `ws://127.0.0.1:${process.inspectorPort}/${path ?? ""}`,
      async (send) => {
        await send("Page.enable");
        await send("Page.setBootstrapScript", { source: script() });
      },
    );
    this.#inspectors.add(inspector);
    return { id: await this.#nameWindow(inspector, title), inspector };
  }

  async #closeWindow({ id, inspector }: WebKitWindow): Promise<void> {
    // A window that is hidden gets no keys.
    await this.#desk.map(id);
    await this.#desk.press(id, "ctrl+w");
    await until("the window to close", START_LIMIT_MS, () => !inspector.isOpen);
    this.#inspectors.delete(inspector);
  }

  /** By its title: X11 and the inspector have no other name for a window in common. */
  async #nameWindow(inspector: WebKitInspector, title: string): Promise<string> {
    // It begins with an empty page in the process of its opener, and what is begun there is lost. Its own page, in a
    // process of its own, is the second one of its history.
    const expression = `history.length > 1 && (document.title = "${title}")`;
    await until("the window's own first page", START_LIMIT_MS, async () => {
      const answer = await unlessGone(
        inspector.send("Runtime.evaluate", { expression, returnByValue: true }),
      );
      return (answer?.["result"] as { readonly value?: unknown } | undefined)?.value === title;
    });
    inspector.holdNewProcesses();
    let window: string | undefined;
    await until("the window to have its title", START_LIMIT_MS, async () => {
      window = await this.#desk.findWindow(title);
      return window !== undefined;
    });
    return window ?? "";
  }

  async #findWebProcess(isStopped: () => Promise<boolean>): Promise<number> {
    for (const pid of this.#running().process.parts("WebKitWebProcess")) {
      signalQuietly(pid, "SIGSTOP");
      const isIt = await isStopped();
      signalQuietly(pid, "SIGCONT");
      if (isIt) return pid;
    }
    throw new Error("The page answers whichever process is stopped: its own was not found.");
  }

  async #killNetwork(): Promise<void> {
    const pids = this.#running().process.parts("WebKitNetworkProcess");
    if (pids.length === 0) throw new Error("There is no network process to kill.");
    for (const pid of pids) signalQuietly(pid, "SIGKILL");
    await untilGone(pids);
  }

  /** As a person does who presses "Clear all" in the browser's own page about stored data. */
  async #clearStorage(): Promise<void> {
    const { keeper } = this.#running();
    await keeper.send("Page.navigate", { url: "minibrowser-about:data" });
    const press = `(() => {
      const heading = [...document.querySelectorAll("h1")].find((h1) => h1.textContent.startsWith("IndexedDB"));
      const button = [...(heading?.nextElementSibling?.querySelectorAll("input") ?? [])].at(-1);
      button?.click();
      return location.protocol === "minibrowser-about:" ? (button?.value ?? "none") : "";
    })()`;
    let pressed = "";
    await until("the page about stored data", START_LIMIT_MS, async () => {
      const { result } = await keeper.send("Runtime.evaluate", { expression: press, returnByValue: true });
      pressed = String((result as { readonly value?: unknown }).value);
      return pressed !== "";
    });
    if (pressed !== "Clear all")
      throw new Error(`MiniBrowser shows no stored IndexedDB to clear (${pressed}).`);
  }

  #throttle(pid: number, factor: number): () => void {
    const stop = throttleProcess(pid, factor);
    this.#unthrottle.add(stop);
    return stop;
  }
}
