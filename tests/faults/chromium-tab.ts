import { writeFile } from "node:fs/promises";
import { textField, type ChromiumCdp, type CdpFields } from "./chromium-cdp.ts";
import { clockScript } from "./chromium-clock.ts";
import type { FaultTab, MemoryUse } from "./fault-browser.ts";

/** How long an element is waited for. Unit: ms. */
const ELEMENT_LIMIT_MS = 10_000;

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * A tab in a window of its own, so that every tab is visible until it is hidden. It is hidden as people hide tabs:
 * another tab of the same window is chosen.
 */
export class ChromiumTab implements FaultTab {
  #cdp: ChromiumCdp;
  #target: string;
  #session: string;
  #parking: string | undefined;
  #clockScript: string | undefined;

  private constructor(cdp: ChromiumCdp, target: string, session: string) {
    this.#cdp = cdp;
    this.#target = target;
    this.#session = session;
  }

  static async open(cdp: ChromiumCdp, url: string, init: string | undefined): Promise<ChromiumTab> {
    const target = textField(
      await cdp.send("Target.createTarget", { url: "about:blank", newWindow: true }),
      "targetId",
    );
    const session = textField(
      await cdp.send("Target.attachToTarget", { targetId: target, flatten: true }),
      "sessionId",
    );
    const tab = new ChromiumTab(cdp, target, session);
    await tab.#send("Page.enable");
    await tab.#send("Runtime.enable");
    await tab.#send("Network.enable");
    await tab.#send("Inspector.enable");
    await tab.#send("Page.setLifecycleEventsEnabled", { enabled: true });
    // A page that asks whether it may be left is left.
    cdp.on(
      "Page.javascriptDialogOpening",
      () => void tab.#send("Page.handleJavaScriptDialog", { accept: true }).catch(() => undefined),
      session,
    );
    if (init !== undefined) await tab.#send("Page.addScriptToEvaluateOnNewDocument", { source: init });
    await tab.goto(url);
    return tab;
  }

  async goto(url: string): Promise<void> {
    const loaded = new Set<unknown>();
    let tell: (() => void) | undefined;
    const stop = this.#cdp.on(
      "Page.lifecycleEvent",
      ({ name, loaderId }) => {
        if (name !== "load") return;
        loaded.add(loaderId);
        tell?.();
      },
      this.#session,
    );
    try {
      const { loaderId, errorText } = await this.#send("Page.navigate", { url });
      if (typeof errorText === "string") throw new Error(`${url} could not be opened: ${errorText}.`);
      // Without a loader it was a move within the document, which is done.
      if (loaderId === undefined || loaded.has(loaderId)) return;
      await within(`${url} has not loaded`, (resolve) => {
        tell = () => {
          if (loaded.has(loaderId)) resolve();
        };
      });
    } finally {
      stop();
    }
  }

  async reload(): Promise<void> {
    const loaded = this.#cdp.next("Page.loadEventFired", this.#session);
    await this.#send("Page.reload");
    await loaded;
  }

  async back(): Promise<void> {
    const history = await this.#send("Page.getNavigationHistory");
    const entries = history["entries"] as readonly { readonly id: number }[];
    const entry = entries[Number(history["currentIndex"]) - 1];
    if (entry === undefined) throw new Error("There is no page to go back to.");
    await within("The page before has not come back", (resolve) => {
      const done = (): void => {
        stopCommit();
        stopMove();
        stopLoad();
        resolve();
      };
      const stopLoad = this.#cdp.on("Page.loadEventFired", done, this.#session);
      const stopMove = this.#cdp.on("Page.navigatedWithinDocument", done, this.#session);
      const stopCommit = this.#cdp.on(
        "Page.frameNavigated",
        ({ frame, type }) => {
          const isWhole = (frame as CdpFields)["parentId"] === undefined;
          // A page out of the cache does not load again.
          if (isWhole && type === "BackForwardCacheRestore") done();
        },
        this.#session,
      );
      void this.#send("Page.navigateToHistoryEntry", { entryId: entry.id });
    });
  }

  async close(): Promise<void> {
    await this.#cdp.send("Target.closeTarget", { targetId: this.#target });
    if (this.#parking !== undefined) await this.#cdp.send("Target.closeTarget", { targetId: this.#parking });
  }

  async evaluate<Arg, Value>(run: (arg: Arg) => Value | Promise<Value>, arg: Arg): Promise<Value> {
    return (await this.#evaluate(`(${run.toString()})(${JSON.stringify(arg)})`)) as Value;
  }

  async type(selector: string, text: string): Promise<void> {
    await this.#send("Page.bringToFront");
    await this.#waitFor(selector);
    await this.evaluate((at) => document.querySelector<HTMLElement>(at)?.focus(), selector);
    // In one go: the browser keeps their order, and a round trip per key is slow where eight windows paint.
    const pressed: Promise<unknown>[] = [];
    for (const character of text) {
      const key =
        character === "\n"
          ? { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13, text: "\r" }
          : { key: character, text: character };
      pressed.push(
        this.#send("Input.dispatchKeyEvent", { type: "keyDown", ...key }),
        this.#send("Input.dispatchKeyEvent", { type: "keyUp", key: key.key }),
      );
    }
    await Promise.all(pressed);
  }

  async click(selector: string): Promise<void> {
    await this.#send("Page.bringToFront");
    const { x, y } = await this.#waitFor(selector);
    const button = { x, y, button: "left", clickCount: 1 };
    await this.#send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
    await this.#send("Input.dispatchMouseEvent", { type: "mousePressed", ...button });
    await this.#send("Input.dispatchMouseEvent", { type: "mouseReleased", ...button });
  }

  async hide(): Promise<void> {
    this.#parking ??= await this.#openParking();
    await this.#cdp.send("Target.activateTarget", { targetId: this.#parking });
    await this.#waitForVisibility("hidden");
  }

  async show(): Promise<void> {
    await this.#cdp.send("Target.activateTarget", { targetId: this.#target });
    await this.#waitForVisibility("visible");
  }

  /** Hidden first, for no browser freezes a page that is seen. */
  async freeze(): Promise<void> {
    await this.hide();
    await this.#send("Page.setWebLifecycleState", { state: "frozen" });
  }

  async thaw(): Promise<void> {
    await this.#send("Page.setWebLifecycleState", { state: "active" });
    await this.show();
  }

  async crash(): Promise<void> {
    const crashed = this.#cdp.next("Inspector.targetCrashed", this.#session);
    // Not waited for: who should answer is dead.
    this.#send("Page.crash").catch(() => undefined);
    await crashed;
  }

  async setOffline(isOffline: boolean): Promise<void> {
    await this.#send("Network.emulateNetworkConditions", {
      offline: isOffline,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    });
  }

  async setQuota(bytes: number | undefined): Promise<void> {
    const origin = await this.#origin();
    await this.#send("Storage.overrideQuotaForOrigin", {
      origin,
      // None at all would mean no limit.
      ...(bytes === undefined ? {} : { quotaSize: Math.max(1, bytes) }),
    });
  }

  async clearStorage(): Promise<void> {
    const origin = await this.#origin();
    await this.#send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" });
  }

  loseStorage(): Promise<void> {
    return Promise.reject(
      new Error("Chromium keeps IndexedDB in its own process; kill the browser instead."),
    );
  }

  async slowDown(factor: number): Promise<void> {
    await this.#send("Emulation.setCPUThrottlingRate", { rate: factor });
  }

  async setClock(offsetMs: number): Promise<void> {
    const source = clockScript(offsetMs);
    if (this.#clockScript !== undefined) {
      await this.#send("Page.removeScriptToEvaluateOnNewDocument", { identifier: this.#clockScript });
    }
    const added = await this.#send("Page.addScriptToEvaluateOnNewDocument", { source });
    this.#clockScript = textField(added, "identifier");
    await this.#evaluate(source);
  }

  async screenshot(path: string): Promise<void> {
    const shot = await this.#send("Page.captureScreenshot", { format: "png" });
    await writeFile(path, Buffer.from(textField(shot, "data"), "base64"));
  }

  async measureMemory(): Promise<MemoryUse> {
    await this.#send("HeapProfiler.collectGarbage");
    const heap = await this.#send("Runtime.getHeapUsage");
    const counters = await this.#send("Memory.getDOMCounters");
    return {
      heapBytes: Number(heap["usedSize"]),
      listeners: Number(counters["jsEventListeners"]),
      nodes: Number(counters["nodes"]),
    };
  }

  #send(method: string, params: CdpFields = {}): Promise<CdpFields> {
    return this.#cdp.send(method, params, this.#session);
  }

  async #evaluate(expression: string, hasGesture = false): Promise<unknown> {
    const answer = await this.#send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: hasGesture,
    });
    const failure = answer["exceptionDetails"] as
      | { readonly text: string; readonly exception?: { readonly description?: string } }
      | undefined;
    if (failure !== undefined) throw new Error(failure.exception?.description ?? failure.text);
    return (answer["result"] as CdpFields)["value"];
  }

  async #origin(): Promise<string> {
    return this.evaluate(() => location.origin, undefined);
  }

  /** A tab beside this one in its window; only the page itself can open one there. */
  async #openParking(): Promise<string> {
    const url = `about:blank#beside-${this.#target}`;
    const { promise, resolve } = Promise.withResolvers<string>();
    const look = ({ targetInfo }: CdpFields): void => {
      const info = targetInfo as CdpFields;
      if (info["url"] === url) resolve(textField(info, "targetId"));
    };
    const stops = ["Target.targetCreated", "Target.targetInfoChanged"].map((event) =>
      this.#cdp.on(event, look),
    );
    await this.#cdp.send("Target.setDiscoverTargets", { discover: true });
    await this.#evaluate(`void window.open("${url}", "_blank", "noopener")`, true);
    const parking = await promise;
    for (const stop of stops) stop();
    return parking;
  }

  async #waitForVisibility(wanted: DocumentVisibilityState): Promise<void> {
    await this.evaluate(async (state) => {
      if (document.visibilityState === state) return;
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (document.visibilityState !== state) return;
          document.removeEventListener("visibilitychange", look);
          resolve();
        };
        document.addEventListener("visibilitychange", look);
      });
    }, wanted);
  }

  /** The centre of the element, once it is there, able, and covered by nothing. */
  async #waitFor(selector: string): Promise<Point> {
    const found = await this.evaluate(
      async ({ at, limitMs }) => {
        const begunMs = performance.now();
        let why = "it is not there";
        while (performance.now() - begunMs < limitMs) {
          const element = document.querySelector<HTMLElement>(at);
          if (element !== null) {
            element.scrollIntoView({ block: "nearest", inline: "nearest" });
            const box = element.getBoundingClientRect();
            const x = box.left + box.width / 2;
            const y = box.top + box.height / 2;
            const hit = document.elementFromPoint(x, y);
            if (element.matches(":disabled")) why = "it is disabled";
            else if (hit === null || !(element.contains(hit) || hit.contains(element))) {
              why = `${hit?.outerHTML.slice(0, 80) ?? "nothing"} is in its place`;
            } else return { x, y };
          }
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        return why;
      },
      { at: selector, limitMs: ELEMENT_LIMIT_MS },
    );
    if (typeof found === "string") throw new Error(`${selector} can't be used: ${found}.`);
    return found;
  }
}

/** Fails with `what` after the time that an element is waited for, times three. */
async function within(what: string, wait: (resolve: () => void) => void): Promise<void> {
  const limitMs = 3 * ELEMENT_LIMIT_MS;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`${what} after ${limitMs / 1000} s.`)), limitMs);
  wait(resolve);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
  }
}
