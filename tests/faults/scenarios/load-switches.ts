import type { MemoryUse } from "../fault-browser.ts";
import type { Scenario } from "../scenario.ts";
import type { AppTab, Stage } from "../stage.ts";
import { untilShown } from "../until-current.ts";

/** Clicks through the links within the page, so many at a time that one answer stays within its time. */
const SWITCHES_A_CALL = 20;

/**
 * What a hundred switches may leave behind at first, the text that streams meanwhile with it: each session's timeline of 240
 * entries, the latest hundred of each measure and their like fill within some 500 switches, at 110 to 200 KB a hundred. Unit: bytes.
 */
const MAX_GROWTH_PER_100_BYTES = 320 * 1_024;

/**
 * After 600 all that is bounded is full, and memory is to be flat: over the last 400 of a thousand it was seen to grow by
 * 46 KB, and to differ by as much from one look to the next. What leaks half a kilobyte a switch is seen. Unit: bytes.
 */
const MAX_GROWTH_OF_LAST_400_BYTES = 200 * 1_024;
/** The heap is looked at so often; the last two of five parts are those in which it is flat. */
const PARTS = 5;
const FULL_AFTER_PARTS = 3;

async function clickThrough(app: AppTab, sessions: readonly string[], times: number): Promise<void> {
  for (let done = 0; done < times; done += SWITCHES_A_CALL) {
    await app.tab.evaluate(
      async ({ ids, count }) => {
        const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
        for (let index = 0; index < count; index += 1) {
          const path = `/s/${ids[index % ids.length] ?? ""}`;
          const link = document.querySelector<HTMLAnchorElement>(`a[href="${path}"]`);
          if (link === null) throw new Error(`No link to ${path}: ${document.body.innerText.slice(0, 500)}`);
          link.click();
          // Not by the address: browsers take some 200 of them in 10 s, and the rest late.
          const isThere = (): boolean =>
            link.getAttribute("aria-current") === "page" &&
            document.querySelector('[role="log"] [data-part="text"]') !== null;
          const begunMs = performance.now();
          while (!isThere()) {
            await frame();
            if (performance.now() - begunMs < 10_000) continue;
            const page = `${location.pathname}: ${document.body.innerText.slice(0, 500)}`;
            throw new Error(`${path} is not shown 10 s after the click. ${page}`);
          }
          await frame();
        }
      },
      { ids: sessions, count: Math.min(SWITCHES_A_CALL, times - done) },
    );
  }
}

async function measure(stage: Stage, app: AppTab): Promise<MemoryUse | undefined> {
  await stage.until("one stream is open", async () => (await app.openSources()) === 1);
  return app.tab.measureMemory?.();
}

async function switchOften(stage: Stage, prompt: string, times: number): Promise<void> {
  const app = await stage.open();
  const sessions: string[] = [];
  for (let index = 0; index < 3; index += 1) {
    sessions.push(await app.begin(prompt));
    await untilShown(stage, app, "1 2 3");
  }
  // The first rounds fill the caches that are meant to be filled.
  await clickThrough(app, sessions, 2 * SWITCHES_A_CALL);
  const before = await measure(stage, app);
  const begunMs = performance.now();
  const heaps: number[] = [];
  for (let part = 0; part < PARTS; part += 1) {
    await clickThrough(app, sessions, times / PARTS);
    const use = await measure(stage, app);
    if (use !== undefined) heaps.push(use.heapBytes);
  }
  stage.note?.(`${Math.round((performance.now() - begunMs) / times)} ms per switch over ${times}`);
  const last = `/s/${sessions[(Math.min(SWITCHES_A_CALL, times) - 1) % sessions.length] ?? ""}`;
  await stage.until(
    "the address is that of the session shown",
    async () => (await app.tab.evaluate(() => location.pathname, undefined)) === last,
  );
  let after = await measure(stage, app);
  // The sources of the last switches go with the events that were on their way to them.
  await stage.until("listeners number what they did", async () => {
    after = await measure(stage, app);
    return after === undefined || before === undefined || after.listeners <= before.listeners + 10;
  });
  if (before !== undefined && after !== undefined) {
    const growth = after.heapBytes - before.heapBytes;
    const per100 = Math.round((growth * 100) / times);
    stage.note?.(
      `heap ${(before.heapBytes / 1_048_576).toFixed(2)} → ${(after.heapBytes / 1_048_576).toFixed(2)} MB (${Math.round(per100 / 1_024)} KB per 100 switches), listeners ${before.listeners} → ${after.listeners}, nodes ${before.nodes} → ${after.nodes}`,
    );
    if (per100 > MAX_GROWTH_PER_100_BYTES)
      throw new Error(`The heap grew by ${per100} bytes per 100 switches.`);
  }
  if (times >= 1_000 && heaps.length === PARTS) {
    const told = heaps.map((bytes) => `${Math.round(bytes / 1_024)}`).join(", ");
    stage.note?.(`heap after each ${times / PARTS} switches: ${told} KB`);
    const growth = (heaps.at(-1) ?? 0) - (heaps[FULL_AFTER_PARTS - 1] ?? 0);
    if (growth > MAX_GROWTH_OF_LAST_400_BYTES)
      throw new Error(`The heap grew by ${growth} bytes over the last 400 switches: ${told} KB.`);
  }
  for (const session of sessions) {
    await app.switchTo(session);
    await stage.until("it streams", async () => (await app.connection()).startsWith("Live"));
    await app.tab.click(".composer button.stop");
  }
}

export const hundredSwitches: Scenario = {
  id: "47",
  title:
    "100 switches between three sessions that stream: one stream open; memory and listeners flat, which Chromium alone tells",
  run: (stage) => switchOften(stage, "count 3000 50", 100),
};

export const thousandSwitches: Scenario = {
  id: "47a",
  title:
    "1,000 switches between three sessions that stream: one stream open; memory and listeners flat, which Chromium alone tells",
  isLong: true,
  run: (stage) => switchOften(stage, "count 6000 100", 1_000),
};
