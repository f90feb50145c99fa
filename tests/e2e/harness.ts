import { test as base, expect, type Page } from "@playwright/test";
import { Holdfast } from "../support/holdfast-process.ts";
import { ChatPage } from "./chat-page.ts";

/** Counts the event sources a page holds open, from outside the product. */
const COUNT_SOURCES = `
  const open = new Set();
  const Native = window.EventSource;
  window.EventSource = class extends Native {
    constructor(...args) { super(...args); open.add(this); }
    close() { open.delete(this); super.close(); }
  };
  Object.defineProperty(window, "openSources", { get: () => open.size });
`;

export async function openSources(page: Page): Promise<number> {
  return page.evaluate("window.openSources");
}

/** Makes the page believe that it is hidden; a page under test is never really hidden. */
export async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "visibilityState", {
      configurable: true,
      get: () => (hidden ? "hidden" : "visible"),
    });
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}

interface Fixtures {
  readonly serverEnv: Record<string, string>;
  readonly holdfast: Holdfast;
  readonly chat: ChatPage;
}

export const test = base.extend<Fixtures>({
  serverEnv: [{}, { option: true }],
  holdfast: async ({ serverEnv }, use) => {
    const holdfast = await Holdfast.start(serverEnv);
    await use(holdfast);
    await holdfast.stop();
  },
  baseURL: async ({ holdfast }, use) => use(holdfast.url),
  context: async ({ context }, use) => {
    await context.addInitScript(COUNT_SOURCES);
    await use(context);
  },
  chat: async ({ page }, use) => {
    const errors: string[] = [];
    page.on("pageerror", (error) => {
      // Firefox calls it an error when the frame of a diagram is refused what its policy forbids, which is what a test asks of it.
      if (!error.message.includes("violates the following directive: “default-src 'none'”"))
        errors.push(error.message);
    });
    await use(new ChatPage(page));
    expect(errors, "errors thrown in the page").toEqual([]);
  },
});

export { expect };
