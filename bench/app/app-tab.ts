import { openBrowser } from "../../tests/faults/engines.ts";
import type { FaultBrowser, FaultTab } from "../../tests/faults/fault-browser.ts";
import type { PageEngine } from "../harness/benchmark.ts";

/** Opens the app in an engine for as long as `use` takes. */
export async function withBrowser(
  engine: PageEngine,
  use: (browser: FaultBrowser) => Promise<void>,
): Promise<void> {
  const browser = await openBrowser(engine);
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

/** Looks every frame until the conversation holds `words` within its visible part. Answers the page's age then; unit: ms. */
export function untilInSight(tab: FaultTab, words: string): Promise<number> {
  return tab.evaluate(async (wanted) => {
    const isThere = (): boolean => {
      const log = document.querySelector('[role="log"]');
      if (log === null) return false;
      const { top, bottom } = log.getBoundingClientRect();
      for (const row of log.querySelectorAll(".turn-row")) {
        const place = row.getBoundingClientRect();
        if (place.bottom > top && place.top < bottom && row.textContent.includes(wanted)) return true;
      }
      return false;
    };
    const begun = performance.now();
    while (!isThere()) {
      if (performance.now() - begun > 25_000) throw new Error(`never in sight: ${wanted}`);
      await new Promise((resolve) => {
        requestAnimationFrame(resolve);
      });
    }
    return performance.now();
  }, words);
}

/** Until the app says that it is connected. */
export function untilLive(tab: FaultTab): Promise<void> {
  return tab.evaluate(async () => {
    const begun = performance.now();
    while (
      document.querySelector('output[aria-label="Connection"]')?.textContent.startsWith("Live") !== true
    ) {
      if (performance.now() - begun > 25_000) throw new Error("never live");
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  }, undefined);
}
