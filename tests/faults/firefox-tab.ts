import type { BrowserContext, Page } from "@playwright/test";
import { clockScript } from "./chromium-clock.ts";
import type { FaultTab } from "./fault-browser.ts";
import { missing } from "./firefox-abilities.ts";

/** A page that Playwright drives; what it can't do is refused with the reason. */
export class FirefoxTab implements FaultTab {
  #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(context: BrowserContext, url: string, init: string | undefined): Promise<FirefoxTab> {
    const page = await context.newPage();
    if (init !== undefined) await page.addInitScript(init);
    await page.goto(url);
    return new FirefoxTab(page);
  }

  async goto(url: string): Promise<void> {
    await this.#page.goto(url);
  }

  async reload(): Promise<void> {
    await this.#page.reload();
  }

  async back(): Promise<void> {
    await this.#page.goBack();
  }

  async close(): Promise<void> {
    await this.#page.close();
  }

  evaluate<Arg, Value>(run: (arg: Arg) => Value | Promise<Value>, arg: Arg): Promise<Value> {
    return this.#page.evaluate(`(${run.toString()})(${JSON.stringify(arg)})`);
  }

  async type(selector: string, text: string): Promise<void> {
    await this.#page.focus(selector);
    await this.#page.keyboard.type(text);
  }

  async click(selector: string): Promise<void> {
    await this.#page.click(selector);
  }

  hide = (): Promise<void> => missing("hide");
  show = (): Promise<void> => missing("hide");
  freeze = (): Promise<void> => missing("freeze");
  thaw = (): Promise<void> => missing("freeze");
  crash = (): Promise<void> => missing("crash");
  setQuota = (): Promise<void> => missing("quota");
  clearStorage = (): Promise<void> => missing("clear-storage");
  loseStorage = (): Promise<void> => missing("lose-storage");
  slowDown = (): Promise<void> => missing("slow-cpu");

  async setOffline(isOffline: boolean): Promise<void> {
    await this.#page.context().setOffline(isOffline);
  }

  async setClock(offsetMs: number): Promise<void> {
    const source = clockScript(offsetMs);
    await this.#page.addInitScript(source);
    await this.#page.evaluate(source);
  }

  async screenshot(path: string): Promise<void> {
    await this.#page.screenshot({ path });
  }
}
