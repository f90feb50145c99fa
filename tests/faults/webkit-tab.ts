import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { FaultTab } from "./fault-browser.ts";
import type { WebKitDesk } from "./webkit-desk.ts";
import { PageGoneError, unlessGone } from "./page-gone-error.ts";
import type { WebKitInspector } from "./webkit-inspector.ts";
import { pageScript } from "./webkit-page-script.ts";

export interface WebKitWindow {
  /** As X11 names it. */
  readonly id: string;
  readonly inspector: WebKitInspector;
}

/** What a tab needs of its browser. */
export interface WebKitTabHost {
  readonly desk: WebKitDesk;
  closeWindow(window: WebKitWindow): Promise<void>;
  /** Another window in the place of one whose page has crashed. */
  reopen(window: WebKitWindow): Promise<WebKitWindow>;
  /** Finds the process of a page by stopping one after the other. */
  webProcess(isStopped: () => Promise<boolean>): Promise<number>;
  killWebProcess(pid: number): Promise<void>;
  killNetwork(): Promise<void>;
  clearStorage(): Promise<void>;
  /** Answers how to end it. */
  throttle(pid: number, factor: number): () => void;
}

/** A page has that long to come, and an element to be there. Unit: ms. */
const PAGE_LIMIT_MS = 20_000;
const ELEMENT_LIMIT_MS = 10_000;
/** A page that is stopped does not answer; one that is only busy does, within this. Unit: ms. */
const PULSE_LIMIT_MS = 2_000;

export class WebKitTab implements FaultTab {
  #host: WebKitTabHost;
  #window: WebKitWindow;
  #init: string;
  #clockOffsetMs = 0;
  #isOffline = false;
  /** Where it was when it crashed. */
  #url = "";
  #hasCrashed = false;
  #unthrottle = (): void => undefined;

  constructor(host: WebKitTabHost, window: WebKitWindow, init: string) {
    this.#host = host;
    this.#window = window;
    this.#init = init;
  }

  /** What every page of this tab runs before its own scripts. */
  get script(): string {
    return `${pageScript(this.#clockOffsetMs, this.#isOffline)}\n${this.#init}`;
  }

  async goto(url: string): Promise<void> {
    this.#url = url;
    // A page without a process hears nothing of the inspector any more: it is opened anew, in the same profile.
    if (this.#hasCrashed) this.#window = await this.#host.reopen(this.#window);
    this.#hasCrashed = false;
    await this.#navigate(() => this.#window.inspector.send("Page.navigate", { url }));
  }

  async reload(): Promise<void> {
    if (this.#hasCrashed) return this.goto(this.#url);
    await this.#navigate(() => this.#window.inspector.send("Page.reload"));
  }

  async back(): Promise<void> {
    // Not `evaluate`: the document that is left can't be asked how it went.
    await this.#navigate(() =>
      this.#window.inspector.send("Runtime.evaluate", { expression: "history.back()" }),
    );
  }

  async close(): Promise<void> {
    await this.#host.closeWindow(this.#window);
  }

  async evaluate<Arg, Value>(run: (arg: Arg) => Value | Promise<Value>, arg: Arg): Promise<Value> {
    // As a text: what the inspector makes of values itself differs in depth and in `undefined`.
    const call = `(${run.toString()})(${JSON.stringify(arg) ?? "undefined"})`;
    const text = await this.#run(`(async () => JSON.stringify(await ${call}))()`);
    return (typeof text === "string" ? JSON.parse(text) : undefined) as Value;
  }

  async type(selector: string, text: string): Promise<void> {
    await this.#focus(selector);
    await this.#host.desk.type(this.#window.id, text);
    // The keys are with the X server now, not yet with the page.
    let held = { value: "", focus: "" };
    const isThere = async (): Promise<boolean> => {
      held = await this.evaluate((wanted) => {
        const field = document.querySelector<HTMLInputElement | HTMLTextAreaElement>(wanted);
        const focus = `${document.activeElement?.tagName ?? "none"}, window ${document.hasFocus()}`;
        return { value: field?.value ?? "", focus };
      }, selector);
      return held.value.includes(text);
    };
    try {
      await until(`${selector} to hold what was typed`, ELEMENT_LIMIT_MS, isThere);
    } catch (error) {
      throw new Error(
        `Typed ${JSON.stringify(text)}; there is ${JSON.stringify(held.value)} (focus: ${held.focus}).`,
        { cause: error },
      );
    }
  }

  async click(selector: string): Promise<void> {
    await this.#focus(selector);
    await this.evaluate((found) => document.querySelector<HTMLElement>(found)?.click(), selector);
  }

  async hide(): Promise<void> {
    await this.#host.desk.unmap(this.#window.id);
    await this.#untilState("hidden");
  }

  async show(): Promise<void> {
    await this.#host.desk.map(this.#window.id);
    await this.#untilState("visible");
  }

  freeze(): Promise<void> {
    return Promise.reject(new Error("WebKit has no frozen state of pages."));
  }

  thaw(): Promise<void> {
    return Promise.reject(new Error("WebKit has no frozen state of pages."));
  }

  async crash(): Promise<void> {
    const pid = await this.#webProcess();
    this.#url = await this.evaluate(() => location.href, undefined);
    this.#hasCrashed = true;
    await this.#host.killWebProcess(pid);
  }

  async setOffline(isOffline: boolean): Promise<void> {
    this.#isOffline = isOffline;
    await this.#prepareNext();
    await this.evaluate((value) => {
      Reflect.set(Reflect.get(window, "__faultHooks") as object, "isOffline", value);
      window.dispatchEvent(new Event(value ? "offline" : "online"));
    }, isOffline);
  }

  setQuota(): Promise<void> {
    return Promise.reject(new Error("WebKitGTK has no way to set a quota from outside."));
  }

  async clearStorage(): Promise<void> {
    await this.#host.clearStorage();
  }

  async loseStorage(): Promise<void> {
    await this.#host.killNetwork();
  }

  async slowDown(factor: number): Promise<void> {
    this.#unthrottle();
    if (factor > 1) this.#unthrottle = this.#host.throttle(await this.#webProcess(), factor);
  }

  async setClock(offsetMs: number): Promise<void> {
    this.#clockOffsetMs = offsetMs;
    await this.#prepareNext();
    await this.evaluate((value) => {
      Reflect.set(Reflect.get(window, "__faultHooks") as object, "clockOffsetMs", value);
    }, offsetMs);
  }

  async screenshot(path: string): Promise<void> {
    const [width, height] = await this.evaluate(() => [innerWidth, innerHeight], undefined);
    const area = { x: 0, y: 0, width, height, coordinateSystem: "Viewport" };
    const { dataURL } = await this.#window.inspector.send("Page.snapshotRect", area);
    writeFileSync(path, Buffer.from(String(dataURL).split(",")[1] ?? "", "base64"));
  }

  async #run(expression: string): Promise<unknown> {
    const begun = await this.#window.inspector.send("Runtime.evaluate", { expression });
    const promiseObjectId = remote(begun).objectId;
    const awaited = await this.#window.inspector.send("Runtime.awaitPromise", {
      promiseObjectId,
      returnByValue: true,
    });
    const { description, value } = remote(awaited);
    if (awaited["wasThrown"] === true)
      throw new Error(`In the page: ${description ?? JSON.stringify(value)}`);
    return value;
  }

  /** The document that is there is marked: the next one is not. One that comes from the back-forward cache has another mark. */
  async #navigate(leave: () => Promise<unknown>): Promise<void> {
    const mark = `left-${performance.now()}`;
    let before: Look | undefined;
    await until("the page that is there to answer", PAGE_LIMIT_MS, async () => {
      before = await this.#look(mark);
      return before !== undefined;
    });
    // The process that is asked may give way to the next page's before it has answered.
    await unlessGone(leave());
    await until("the page to come", PAGE_LIMIT_MS, async () => {
      const now = await this.#look();
      // Never by a way of ours to the empty page: it is what was there before, in another process.
      if (now === undefined || now.href === "about:blank") return false;
      return (now.mark !== mark || now.href !== before?.href) && now.readyState === "complete";
    });
  }

  async #look(mark?: string): Promise<Look | undefined> {
    const put = mark === undefined ? "" : `window.__faultMark = ${JSON.stringify(mark)};`;
    // Without a promise: a document that is being left may never get to resolve one.
    const expression = `${put} JSON.stringify({ mark: String(window.__faultMark), href: location.href, readyState: document.readyState })`;
    try {
      const answer = await this.#window.inspector.send("Runtime.evaluate", {
        expression,
        returnByValue: true,
      });
      return JSON.parse(String(remote(answer).value));
    } catch (error) {
      // Between two processes, or between two documents.
      if (error instanceof PageGoneError || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  async #focus(selector: string): Promise<void> {
    await until(`${selector} to be there and usable`, ELEMENT_LIMIT_MS, () =>
      this.evaluate((wanted) => {
        const element = document.querySelector<HTMLElement>(wanted);
        if (element === null || element.getClientRects().length === 0) return false;
        if (element.matches(":disabled")) return false;
        element.focus();
        return true;
      }, selector),
    );
  }

  async #untilState(state: DocumentVisibilityState): Promise<void> {
    await until(`the page to be ${state}`, ELEMENT_LIMIT_MS, async () => {
      return (await this.evaluate(() => document.visibilityState, undefined)) === state;
    });
  }

  #webProcess(): Promise<number> {
    // Else it would be woken while it is stopped to see whether it is the one.
    this.#unthrottle();
    return this.#host.webProcess(async () => {
      const answer = this.#window.inspector.send("Runtime.evaluate", { expression: "0" });
      // It is answered when the process goes on.
      answer.catch(() => undefined);
      return (await Promise.race([answer, pause(PULSE_LIMIT_MS, "stopped")])) === "stopped";
    });
  }

  async #prepareNext(): Promise<void> {
    await this.#window.inspector.send("Page.setBootstrapScript", { source: this.script });
  }
}

/** What a document says of itself. */
interface Look {
  readonly mark: string;
  readonly href: string;
  readonly readyState: string;
}

interface RemoteValue {
  readonly objectId?: string;
  readonly description?: string;
  readonly value?: unknown;
}

function remote(answer: Readonly<Record<string, unknown>>): RemoteValue {
  return answer["result"] ?? {};
}

/** Looks again and again, soon first. */
export async function until(
  what: string,
  limitMs: number,
  check: () => boolean | Promise<boolean>,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  for (let waitMs = 10; !(await check()); waitMs = Math.min(waitMs * 1.5, 100)) {
    if (performance.now() > endMs) throw new Error(`Waited ${limitMs / 1000} s for ${what}, in vain.`);
    await pause(waitMs);
  }
}
