import { createApp, type App } from "../../../src/app/compose.ts";
import { createEngine, type Engine } from "../../../src/app/engine.ts";
import type { AppEnvironment } from "../../../src/app/environment.ts";
import type { SessionId } from "../../../src/protocol/ids.ts";
import type { ObservableStreamingCore } from "../../../src/streaming/core.ts";
import type { Disposer } from "../../../src/streaming/ports.ts";
import type { Browser } from "./browser.ts";
import { createDice, type Dice } from "./dice.ts";
import { createTabEnvironment } from "./tab-environment.ts";
import { createTabLoop, type TabLoop } from "./tab-loop.ts";
import { createTabNetwork, type NetworkWatch, type TabNetwork } from "./tab-network.ts";
import { createVirtualPage, type VirtualPage } from "./virtual-page.ts";
import type { VirtualServer } from "./virtual-server.ts";

/** So small that a story of a few sessions sees some fall out of memory (S8). */
export const CACHE_LIMITS = { maxSessions: 1, maxChars: 20_000 };

/** One loaded document: from a load to a reload, a kill, or the end. */
export interface Life {
  readonly loop: TabLoop;
  readonly page: VirtualPage;
  readonly network: TabNetwork;
  readonly app: App;
  readonly engine: Engine;
  readonly core: ObservableStreamingCore;
  readonly environment: AppEnvironment;
  readonly bornAtMs: number;
  /** What was typed last, where, and when. */
  typed: { readonly key: SessionId | "new"; readonly text: string; readonly atMs: number } | undefined;
  isInCache: boolean;
  /** When the page came back after having been away for long; the line of that moment is not to be believed. */
  cameBack: { readonly atMs: number; readonly opensBefore: number } | undefined;
  /** Since when it is hidden, stopped or offline, truly and by the clock of the device. */
  away: { readonly sinceMs: number; readonly sinceWallMs: number } | undefined;
}

/** A place in the window's row of tabs. Its address survives the documents that are loaded into it. */
export interface Tab {
  readonly number: number;
  life: Life | undefined;
  path: string;
  /** What lies between this tab and the server stays as it is over a reload. */
  network: Pick<TabNetwork, "mode" | "latencyMs" | "isDoubling">;
  facts: { isHidden: boolean; isOnline: boolean };
}

export interface TabParts {
  readonly browser: Browser;
  readonly server: VirtualServer;
  readonly seed: number;
  readonly watch: (life: () => Life | undefined, tab: Tab) => NetworkWatch;
  readonly onThrow: (tab: Tab, error: unknown) => void;
  readonly onWarn: (tab: Tab, message: string, detail: unknown) => void;
}

/** Loads the app into the tab, at the tab's address. */
export function loadTab(tab: Tab, parts: TabParts): Life {
  const { browser, server } = parts;
  const { time } = browser;
  const dice: Dice = createDice(parts.seed ^ (tab.number * 7919 + time.now()));
  const loop = createTabLoop(time, (error) => parts.onThrow(tab, error));
  const page = createVirtualPage({ ...tab.facts });
  tab.facts = page.facts;
  let life: Life | undefined;
  const watch = parts.watch(() => life, tab);
  const network = createTabNetwork({ time, dice, loop, server, pool: browser.pool, watch });
  const { mode, latencyMs, isDoubling } = tab.network;
  Object.assign(network, { mode, latencyMs, isDoubling });
  tab.network = network;
  let engine: Engine | undefined;
  const environment = createTabEnvironment({
    browser,
    loop,
    page,
    network,
    dice,
    navigation: navigationOf(tab),
    onWarn: (message, detail) => parts.onWarn(tab, message, detail),
    reload: () => time.after(0, () => reloadTab(tab, parts)),
  });
  const app = createApp(environment, (ports, hooks) => {
    engine = createEngine(ports, hooks, { cacheLimits: CACHE_LIMITS });
    return engine;
  });
  if (engine === undefined) throw new Error("The app made no engine.");
  life = {
    loop,
    page,
    network,
    app,
    engine,
    core: engine.core as ObservableStreamingCore,
    environment,
    bornAtMs: time.now(),
    typed: undefined,
    isInCache: false,
    cameBack: undefined,
    away: undefined,
  };
  tab.life = life;
  loop.setHidden(page.facts.isHidden);
  loop.deliver(() => app.start());
  return life;
}

/** Nothing of the document runs any more; its locks are let go, its sockets closed by the system. */
export function killTab(tab: Tab, browser: Browser): void {
  const { life } = tab;
  if (life === undefined) return;
  tab.life = undefined;
  life.loop.die();
  life.network.abandon();
  browser.locks.release(life.loop, false);
}

/** The document is told, as far as it can be, and is gone once that has settled; another one is loaded at the same address. */
export function reloadTab(tab: Tab, parts: TabParts, onGone: () => void = () => undefined): void {
  const { life } = tab;
  if (life !== undefined && life.loop.state === "running") {
    life.loop.deliver(() => life.page.emit("pagehide"));
  }
  parts.browser.time.after(0, () => {
    // Killed, or loaded anew, by something else meanwhile.
    if (tab.life !== life) return;
    killTab(tab, parts.browser);
    onGone();
    tab.facts = { ...tab.facts, isHidden: false };
    loadTab(tab, parts);
  });
}

function navigationOf(tab: Tab): AppEnvironment["navigation"] {
  const go = (path: string): void => {
    tab.path = path;
  };
  const subscribe = (): Disposer => () => undefined;
  return { path: () => tab.path, target: () => "", push: go, replace: go, subscribe };
}
