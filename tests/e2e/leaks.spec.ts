import type { Page } from "@playwright/test";
import type { ChatPage } from "./chat-page.ts";
import { expect, openSources, test } from "./harness.ts";

/** Counts timers that are set and neither fired nor cleared. */
const COUNT_TIMERS = `
  const pending = new Set();
  const nativeSet = window.setTimeout, nativeClear = window.clearTimeout;
  window.setTimeout = (run, ...rest) => {
    const id = nativeSet(() => { pending.delete(id); run(); }, ...rest);
    pending.add(id);
    return id;
  };
  window.clearTimeout = (id) => { pending.delete(id); nativeClear(id); };
  const intervals = new Set();
  const nativeSetInterval = window.setInterval, nativeClearInterval = window.clearInterval;
  window.setInterval = (...args) => { const id = nativeSetInterval(...args); intervals.add(id); return id; };
  window.clearInterval = (id) => { intervals.delete(id); nativeClearInterval(id); };
  Object.defineProperty(window, "pendingTimers", { get: () => pending.size + intervals.size });
`;

interface Counts {
  readonly timers: number;
  readonly listeners: number;
  readonly sources: number;
}

async function counts(page: Page): Promise<Counts> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("HeapProfiler.collectGarbage");
  await cdp.send("Performance.enable");
  const { metrics } = await cdp.send("Performance.getMetrics");
  await cdp.detach();
  return {
    timers: await page.evaluate("window.pendingTimers"),
    listeners: metrics.find((metric) => metric.name === "JSEventListeners")?.value ?? -1,
    sources: await openSources(page),
  };
}

/** Clicks the session's link and waits until it is the open one and its text is painted. */
async function clickLink(page: Page, session: string): Promise<void> {
  await page.evaluate(async (sid) => {
    document.querySelector<HTMLAnchorElement>(`a[href="/s/${sid}"]`)?.click();
    const isThere = (): boolean =>
      location.pathname === `/s/${sid}` && document.querySelector('[role="log"] [data-part="text"]') !== null;
    while (!isThere()) await new Promise((resolve) => requestAnimationFrame(resolve));
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }, session);
}

async function settled(chat: ChatPage): Promise<void> {
  await expect(chat.connection).toHaveText(/^Live/);
}

test("after a hundred switches timers, listeners and sources number what they did before", async ({
  chat,
  page,
}) => {
  await page.addInitScript(COUNT_TIMERS);
  await chat.open();
  const sessions: string[] = [];
  for (const name of ["one", "two", "three"]) {
    sessions.push(await chat.begin(`echo ${name}`));
    await expect(chat.answerText()).toHaveText(name);
  }
  // Clicked within the page: a hundred round trips to the browser would measure those.
  const walk = async (times: number): Promise<void> => {
    for (let step = 0; step < times; step++) await clickLink(page, sessions[step % 3] ?? "");
    await chat.switchTo(sessions[0] ?? "");
    await expect(chat.answerText()).toHaveText("one");
    await settled(chat);
  };
  // The first round fills the caches that are meant to be filled.
  await walk(6);
  await expect.poll(async () => (await counts(page)).sources).toBe(1);
  const before = await counts(page);
  await walk(100);
  // A debounce or a write-behind that is on its way runs out by itself.
  await expect
    .poll(async () => {
      const after = await counts(page);
      return {
        timers: after.timers <= before.timers,
        listeners: after.listeners <= before.listeners,
        sources: after.sources,
      };
    })
    .toEqual({ timers: true, listeners: true, sources: 1 });
});
