import type { FaultTab } from "./fault-browser.ts";

/** All that is in sight of the app in one tab, read in one moment. */
export interface AppPage {
  readonly path: string;
  /** "session", "new", "not-found", "sign-in" (the server's own page), or what else is there. */
  readonly page: string;
  readonly connection: string;
  readonly answers: readonly string[];
  readonly messages: readonly string[];
  readonly composer: string | undefined;
  readonly notices: readonly string[];
  /** Messages that have not reached the server. */
  readonly waiting: number;
  /** Whether older turns than those in sight can be loaded. */
  readonly hasEarlier: boolean;
  readonly isSignInOpen: boolean;
  readonly openSources: number;
  /** Since the page was loaded: event sources made, and requests begun by `fetch`. A browser may try one of them ten times. */
  readonly madeSources: number;
  readonly madeFetches: number;
}

/** Counts from outside the product what a page asks for. Runs before the page's own scripts. */
export const COUNT_REQUESTS = `{
  const open = new Set();
  let madeSources = 0;
  let madeFetches = 0;
  const NativeSource = window.EventSource;
  window.EventSource = class extends NativeSource {
    constructor(...args) { super(...args); open.add(this); madeSources += 1; }
    close() { open.delete(this); super.close(); }
  };
  const nativeFetch = window.fetch;
  window.fetch = (...args) => { madeFetches += 1; return nativeFetch.apply(window, args); };
  Object.defineProperty(window, "openSources", { get: () => open.size });
  Object.defineProperty(window, "madeSources", { get: () => madeSources });
  Object.defineProperty(window, "madeFetches", { get: () => madeFetches });
}`;

export function readAppPage(tab: FaultTab): Promise<AppPage> {
  return tab.evaluate(() => {
    const texts = (selector: string): string[] =>
      [...document.querySelectorAll(selector)].map((element) =>
        (element.textContent ?? "").replaceAll(/\s+/g, " ").trim(),
      );
    const log = '[role="log"][aria-label="Conversation"]';
    const answers = [...document.querySelectorAll(`${log} article[aria-label="Answer"]`)].map((article) =>
      (article.querySelector('[data-part="text"]')?.textContent ?? "").replaceAll(/\s+/g, " ").trim(),
    );
    const page = document.querySelector<HTMLElement>("main[data-page]")?.dataset["page"];
    const isSignIn = document.querySelector('form[method="post"] input[type="password"]') !== null;
    const count = (name: string): number => (Reflect.get(window, name) as number | undefined) ?? 0;
    return {
      path: location.pathname,
      page: page ?? (isSignIn ? "sign-in" : document.title),
      connection: texts('output[aria-label="Connection"]')[0] ?? "",
      answers,
      messages: texts(`${log} article[aria-label="You"] .you-text`),
      composer: document.querySelector<HTMLTextAreaElement>('textarea[aria-label="Message"]')?.value,
      notices: texts(".notices li > span, .toasts .toast > span"),
      waiting: document.querySelectorAll('.waiting[data-kind="waiting"], .waiting[data-kind="refused"]')
        .length,
      hasEarlier: document.querySelector(".load-earlier") !== null,
      isSignInOpen: document.querySelector('dialog[open] input[type="password"]') !== null,
      openSources: count("openSources"),
      madeSources: count("madeSources"),
      madeFetches: count("madeFetches"),
    };
  }, undefined);
}
