import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { expect, test } from "@playwright/test";
import { findBrowser } from "../support/browsers.ts";
import { openChromium } from "./chromium-browser.ts";
import type { FaultBrowser, FaultTab } from "./fault-browser.ts";

test.skip(findBrowser("chromium") === undefined, "No Chromium here.");

/** Notes what happens to it, and has what the faults break: a timer, a field, a button, a database. */
const PAGE = `<!doctype html><title>probe</title>
<textarea></textarea><button onclick="clicks++">press</button>
<script>
  window.ticks = 0; window.clicks = 0; window.seen = []; window.keys = [];
  setInterval(() => ticks++, 50);
  for (const type of ["visibilitychange", "freeze", "resume"])
    document.addEventListener(type, () => seen.push(type === "visibilitychange" ? document.visibilityState : type));
  for (const type of ["online", "offline"]) addEventListener(type, () => seen.push(type));
  addEventListener("pageshow", (event) => { if (event.persisted) seen.push("restored"); });
  document.querySelector("textarea").addEventListener("keydown", ({ key }) => keys.push(key));
  window.database = new Promise((resolve) => {
    const open = indexedDB.open("probe");
    open.onupgradeneeded = () => open.result.createObjectStore("records");
    open.onsuccess = () => { open.result.onclose = () => seen.push("closed"); resolve(open.result); };
  });
  window.put = (key, value) => database.then((db) => new Promise((resolve) => {
    const transaction = db.transaction("records", "readwrite", { durability: "relaxed" });
    transaction.objectStore("records").put(value, key);
    transaction.oncomplete = () => resolve("kept");
    transaction.onabort = () => resolve(transaction.error.name);
  }));
</script>`;

interface ProbePage {
  readonly ticks: number;
  readonly clicks: number;
  readonly keys: readonly string[];
  readonly seen: readonly string[];
  readonly database: Promise<IDBDatabase>;
  put(key: string, value: unknown): Promise<string>;
}

let server: Server;
let url: string;
let browser: FaultBrowser;

test.beforeAll(async () => {
  server = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(PAGE);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}/` : "";
  browser = await openChromium();
});

test.afterAll(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
});

function probe<Key extends "ticks" | "clicks" | "keys" | "seen">(
  tab: FaultTab,
  key: Key,
): Promise<ProbePage[Key]> {
  return tab.evaluate((name) => (globalThis as unknown as ProbePage)[name], key);
}

function state(tab: FaultTab): Promise<string> {
  return tab.evaluate(() => document.visibilityState, undefined);
}

/** The ticks of its 50 ms timer while this process counts to `ms`. */
async function ticksWithin(tab: FaultTab, ms: number): Promise<number> {
  const before = await probe(tab, "ticks");
  await new Promise((resolve) => setTimeout(resolve, ms));
  return (await probe(tab, "ticks")) - before;
}

/** Its timers run: another five ticks come, however busy the machine is. */
async function goesOn(tab: FaultTab): Promise<void> {
  const before = await probe(tab, "ticks");
  await expect.poll(() => probe(tab, "ticks")).toBeGreaterThan(before + 4);
}

test("tabs are visible side by side, and one that is hidden is really hidden: its timers are throttled", async () => {
  const one = await browser.openTab(url);
  const two = await browser.openTab(url);
  expect(await Promise.all([state(one), state(two)])).toEqual(["visible", "visible"]);
  await one.hide();
  expect(await Promise.all([state(one), state(two)])).toEqual(["hidden", "visible"]);
  const [hidden, visible] = await Promise.all([ticksWithin(one, 2_000), ticksWithin(two, 2_000)]);
  expect(hidden * 3).toBeLessThan(visible);
  await one.show();
  expect(await state(one)).toBe("visible");
  expect(await probe(one, "seen")).toEqual(["hidden", "visible"]);
  await one.close();
  await two.close();
});

test("a frozen tab does nothing until it is thawed", async () => {
  const tab = await browser.openTab(url);
  await tab.freeze();
  expect(await ticksWithin(tab, 1_500)).toBe(0);
  await tab.thaw();
  await goesOn(tab);
  expect(await probe(tab, "seen")).toEqual(["hidden", "freeze", "resume", "visible"]);
  await tab.close();
});

test("stopped processes do nothing until they are woken", async () => {
  test.skip(browser.whyNot("suspend") !== undefined, browser.whyNot("suspend"));
  const tab = await browser.openTab(url);
  const before = await probe(tab, "ticks");
  await browser.suspend();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await browser.wake();
  // It would have been 60; some come before the last process has stopped, and on the way to the answer.
  expect((await probe(tab, "ticks")) - before).toBeLessThan(25);
  await goesOn(tab);
  await tab.close();
});

test("keys and clicks are real ones", async () => {
  const tab = await browser.openTab(url);
  await tab.type("textarea", "Grüße 1\n");
  expect(await tab.evaluate(() => document.querySelector("textarea")?.value, undefined)).toBe("Grüße 1\n");
  expect(await probe(tab, "keys")).toEqual(["G", "r", "ü", "ß", "e", " ", "1", "Enter"]);
  await tab.click("button");
  expect(await probe(tab, "clicks")).toBe(1);
  await tab.close();
});

test("a tab whose renderer crashed opens again, with its init script", async () => {
  const tab = await browser.openTab(url, { init: "window.isInitialised = true" });
  const other = await browser.openTab(url);
  await tab.crash();
  await goesOn(other);
  await tab.reload();
  expect(await tab.evaluate(() => "isInitialised" in globalThis, undefined)).toBe(true);
  await tab.crash();
  await tab.goto(`${url}again`);
  expect(await tab.evaluate(() => [location.pathname, "isInitialised" in globalThis], undefined)).toEqual([
    "/again",
    true,
  ]);
  await tab.close();
  await other.close();
});

test("a browser that is killed comes back on its profile with what IndexedDB had kept", async () => {
  const tab = await browser.openTab(url);
  expect(await tab.evaluate(() => (globalThis as unknown as ProbePage).put("draft", "half"), undefined)).toBe(
    "kept",
  );
  await browser.kill();
  await expect(tab.evaluate(() => 1, undefined)).rejects.toThrow("the browser is gone");
  await browser.relaunch();
  const next = await browser.openTab(url);
  const kept = await next.evaluate(async () => {
    const database = await (globalThis as unknown as ProbePage).database;
    const asked = database.transaction("records").objectStore("records").get("draft");
    await new Promise((resolve) => asked.addEventListener("success", resolve));
    return asked.result as unknown;
  }, undefined);
  expect(kept).toBe("half");
  await next.close();
});

test("a page left comes back out of the back-forward cache", async () => {
  const tab = await browser.openTab(url);
  await tab.goto(`${url}elsewhere`);
  await tab.back();
  expect(await tab.evaluate(() => location.pathname, undefined)).toBe("/");
  expect(await probe(tab, "seen")).toContain("restored");
  await tab.close();
});

test("offline is told to the page", async () => {
  const tab = await browser.openTab(url);
  await tab.setOffline(true);
  expect(await tab.evaluate(() => navigator.onLine, undefined)).toBe(false);
  await tab.setOffline(false);
  expect(await tab.evaluate(() => navigator.onLine, undefined)).toBe(true);
  expect(await probe(tab, "seen")).toEqual(["offline", "online"]);
  await tab.close();
});

test("a full disk refuses, and no longer once there is room", async () => {
  const tab = await browser.openTab(url);
  const put = (): Promise<string> =>
    tab.evaluate(() => (globalThis as unknown as ProbePage).put("some", "x".repeat(10_000)), undefined);
  await tab.setQuota(1_000);
  expect(await put()).toBe("QuotaExceededError");
  await tab.setQuota(undefined);
  expect(await put()).toBe("kept");
  await tab.close();
});

test("cleared storage closes the database under the running page", async () => {
  const tab = await browser.openTab(url);
  await probe(tab, "ticks");
  await tab.evaluate(async () => void (await (globalThis as unknown as ProbePage).database), undefined);
  await tab.clearStorage();
  await expect.poll(() => probe(tab, "seen")).toEqual(["closed"]);
  await tab.close();
});

test("a slow processor is slow", async () => {
  const tab = await browser.openTab(url);
  const work = (): Promise<number> =>
    tab.evaluate(() => {
      const begunMs = performance.now();
      let sum = 0;
      for (let index = 0; index < 2e7; index++) sum += index % 7;
      return sum === 0 ? 0 : performance.now() - begunMs;
    }, undefined);
  // The median of pairs, as many as it takes: where cores are short, other processes slow the one round down, or the
  // throttle misses the other.
  const ratios: number[] = [];
  const slowness = async (): Promise<number> => {
    await tab.slowDown(1);
    const fastMs = await work();
    await tab.slowDown(6);
    ratios.push((await work()) / fastMs);
    return ratios.length < 5 ? 0 : (ratios.toSorted((one, other) => one - other)[ratios.length >> 1] ?? 0);
  };
  await expect.poll(slowness, { timeout: 40_000 }).toBeGreaterThan(2);
  await tab.slowDown(1);
  await tab.close();
});

test("the clock jumps, over reloads too, and timers keep their pace", async () => {
  const tab = await browser.openTab(url);
  const skewMs = async (): Promise<number> =>
    Math.round((await tab.evaluate(() => Date.now(), undefined)) - Date.now());
  await tab.setClock(3_600_000);
  expect(Math.abs((await skewMs()) - 3_600_000)).toBeLessThan(1_000);
  expect(
    await tab.evaluate(
      () => new Date() instanceof Date && Math.abs(+new Date() - Date.now()) < 50,
      undefined,
    ),
  ).toBe(true);
  await goesOn(tab);
  await tab.reload();
  expect(Math.abs((await skewMs()) - 3_600_000)).toBeLessThan(1_000);
  await tab.setClock(-3_600_000);
  expect(Math.abs((await skewMs()) + 3_600_000)).toBeLessThan(1_000);
  await tab.setClock(0);
  expect(Math.abs(await skewMs())).toBeLessThan(1_000);
  await tab.close();
});

test("memory is told after a collection of garbage", async () => {
  const tab = await browser.openTab(url);
  const before = await tab.measureMemory?.();
  await tab.evaluate(() => {
    Object.assign(globalThis, { held: Array.from({ length: 100_000 }, (_, index) => ({ index })) });
  }, undefined);
  const held = await tab.measureMemory?.();
  await tab.evaluate(() => Object.assign(globalThis, { held: undefined }) && undefined, undefined);
  const after = await tab.measureMemory?.();
  expect((held?.heapBytes ?? 0) - (before?.heapBytes ?? 0)).toBeGreaterThan(1_000_000);
  expect((after?.heapBytes ?? Infinity) - (before?.heapBytes ?? 0)).toBeLessThan(500_000);
  await tab.close();
});
