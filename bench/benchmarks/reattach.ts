import { Holdfast } from "../../tests/support/holdfast-process.ts";
import { untilInSight, untilLive, withBrowser } from "../app/app-tab.ts";
import type { Benchmark, Figure } from "../harness/benchmark.ts";
import { SID, turnId } from "../server-side/seed.ts";

/** The shortest pause between two words of the answer that runs: what is shorter can't be seen. */
const WORD_MS = 5;

export const benchmark: Benchmark = {
  title: `A running answer whose connection is reset: how long no new word came, words coming one in ${WORD_MS} ms`,
  async run({ rounds, engines }) {
    const figures: Figure[] = [];
    for (const engine of engines) {
      const holdfast = await Holdfast.start();
      try {
        await withBrowser(engine, async (browser) => {
          const send = async (method: string, path: string, body: unknown): Promise<void> => {
            const init = {
              method,
              headers: { "content-type": "application/json" },
              body: JSON.stringify(body),
            };
            const answer = await fetch(`${holdfast.directUrl}/api/sessions/${SID}${path}`, init);
            if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
          };
          await send("PUT", "", { agent: "demo" });
          const tab = await browser.openTab(`${holdfast.url}/s/${SID}`);
          await untilLive(tab);
          await send("POST", "/turns", { id: turnId(1), text: `count 20000 ${WORD_MS}` });
          await untilInSight(tab, "1 2 3 4 5");
          const gaps: number[] = [];
          for (let round = 0; round < (rounds ?? 7); round += 1) {
            const gap = tab.evaluate(longestGap, 2_000);
            // The page is looking by then, whichever engine it is: the gap is between two of its looks.
            await new Promise((resolve) => {
              setTimeout(resolve, 300);
            });
            holdfast.proxy.rst();
            gaps.push(await gap);
            await untilLive(tab);
          }
          figures.push({ what: "reset → words again", place: engine, unit: "ms", values: gaps });
        });
      } finally {
        await holdfast.stop();
      }
    }
    return { figures, ratios: [] };
  },
};

/** Runs in the page: the longest time in which the last text did not grow. */
async function longestGap(forMs: number): Promise<number> {
  const length = (): number =>
    [...document.querySelectorAll('[data-part="text"]')].at(-1)?.textContent.length ?? 0;
  const begun = performance.now();
  let known = length();
  let grewAt = begun;
  let longest = 0;
  while (performance.now() - begun < forMs) {
    await new Promise((resolve) => {
      setTimeout(resolve, 4);
    });
    const now = length();
    if (now === known) continue;
    longest = Math.max(longest, performance.now() - grewAt);
    grewAt = performance.now();
    known = now;
  }
  return Math.max(longest, performance.now() - grewAt);
}
