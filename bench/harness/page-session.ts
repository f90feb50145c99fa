import { setTimeout as pause } from "node:timers/promises";
import { openBrowser } from "../../tests/faults/engines.ts";
import type { FaultTab } from "../../tests/faults/fault-browser.ts";
import type { PageBenches, PageBenchName } from "../page/page-benches.ts";
import type { PageEngine } from "./benchmark.ts";
import { buildPage, PAGE_FOLDER } from "./page-build.ts";
import { servePage } from "./page-server.ts";

/** Between two looks at whether the page is done; long, because each one interrupts it. Unit: ms. */
const LOOK_MS = 400;
/** A page that has not come to an end by then is given up. Unit: ms. */
const LIMIT_MS = 300_000;

/** The bench page, open in one engine. */
export interface PageSession {
  readonly engine: PageEngine;
  readonly tab: FaultTab;
  readonly run: <Name extends PageBenchName>(
    name: Name,
    options: Parameters<PageBenches[Name]>[0],
  ) => Promise<Awaited<ReturnType<PageBenches[Name]>>>;
}

/** Builds the page once, then opens it in one engine after the other. */
export async function inEachEngine(
  engines: readonly PageEngine[],
  use: (session: PageSession) => Promise<void>,
): Promise<void> {
  await buildPage();
  const server = await servePage(PAGE_FOLDER);
  try {
    for (const engine of engines) await inEngine(engine, server.url, use);
  } finally {
    await server.close();
  }
}

async function inEngine(
  engine: PageEngine,
  url: string,
  use: (session: PageSession) => Promise<void>,
): Promise<void> {
  const browser = await openBrowser(engine);
  try {
    const tab = await browser.openTab(url);
    await use({ engine, tab, run: (name, options) => runInPage(tab, name, options) });
  } finally {
    await browser.close();
  }
}

async function runInPage<Name extends PageBenchName>(
  tab: FaultTab,
  name: Name,
  options: Parameters<PageBenches[Name]>[0],
): Promise<Awaited<ReturnType<PageBenches[Name]>>> {
  await tab.evaluate((asked) => window.startBench(asked.name, asked.options), { name, options });
  const endMs = performance.now() + LIMIT_MS;
  for (;;) {
    await pause(LOOK_MS);
    const state = await tab.evaluate(() => window.benchState, undefined);
    if (state?.kind === "failed") throw new Error(`${name}, in the page: ${state.why}`);
    if (state?.kind === "done") return state.answer as Awaited<ReturnType<PageBenches[Name]>>;
    if (performance.now() > endMs)
      throw new Error(`${name}: the page was not done after ${LIMIT_MS / 1_000} s.`);
  }
}
