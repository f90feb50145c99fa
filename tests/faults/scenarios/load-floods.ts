import { mainThreadWords, readMainThread, resetMainThread, WATCH_MAIN_THREAD } from "../main-thread.ts";
import type { Scenario } from "../scenario.ts";
import type { AppTab, Stage } from "../stage.ts";
import { untilShown } from "../until-current.ts";

const SLOW_FACTOR = 4;

/** What a page may hold with an answer of some hundred thousand characters in it. Unit: bytes. */
const MAX_HEAP_BYTES = 64 * 1_048_576;

async function openSlowly(stage: Stage): Promise<AppTab> {
  const app = await stage.open("/", { init: WATCH_MAIN_THREAD });
  await app.tab.slowDown(SLOW_FACTOR);
  return app;
}

async function noteBusy(stage: Stage, app: AppTab, what: string): Promise<void> {
  stage.note?.(`${what}, 4× slower: ${mainThreadWords(await readMainThread(app.tab))}`);
  const memory = await app.tab.measureMemory?.();
  if (memory === undefined) return;
  stage.note?.(`heap ${(memory.heapBytes / 1_048_576).toFixed(1)} MB, ${memory.nodes} nodes`);
  if (memory.heapBytes > MAX_HEAP_BYTES) throw new Error(`The page holds ${memory.heapBytes} bytes.`);
}

/** Many events in answers of an ordinary size: a single paragraph of half a megabyte is a trial of the engine's layout. */
const PROMPT = "count 5000 0";
const EVENTS_A_PROMPT = 5_000;

/** Sends until so many events are asked for; they run one after the other. */
async function askForEvents(app: AppTab, events: number): Promise<void> {
  for (let asked = 0; asked < events; asked += EVENTS_A_PROMPT) await app.send(PROMPT);
}

async function untilEnded(stage: Stage, session: string, turns: number): Promise<void> {
  await stage.until(
    `${turns} answers have ended`,
    async () => {
      const log = await stage.server.logTexts(session);
      return log.length === turns && log.every(({ outcome }) => outcome !== undefined);
    },
    40_000,
  );
}

export const flood: Scenario = {
  id: "45",
  title:
    "30,000 events as fast as the server can, the processor 4× slower: one can type meanwhile, memory is bounded (as Chromium tells it)",
  needs: ["slow-cpu"],
  async run(stage) {
    const app = await openSlowly(stage);
    const session = await app.begin("echo zero");
    await untilShown(stage, app, "zero");
    await resetMainThread(app.tab);
    await askForEvents(app, 30_000);
    const begunMs = performance.now();
    await app.draft("typed meanwhile");
    stage.note?.(`15 keys typed during the flood took ${Math.round(performance.now() - begunMs)} ms`);
    await untilEnded(stage, session, 7);
    await untilShown(stage, app, " 4999 5000", 20_000);
    await noteBusy(stage, app, "30,000 events live");
    await app.tab.slowDown(1);
  },
};

export const catchUp: Scenario = {
  id: "45a",
  title: "100,000 events missed, then caught up with from the cursor, the processor 4× slower",
  needs: ["slow-cpu"],
  // Half a minute of it is work, of a processor slowed down four times; what must be quick is asked for below.
  limitMs: 120_000,
  async run(stage) {
    const app = await stage.open("/", { init: WATCH_MAIN_THREAD });
    // Runs while the others are queued behind it.
    const session = await app.begin("count 200 100");
    await untilShown(stage, app, "1 2 3");
    await askForEvents(app, 100_000);
    await stage.until("the server has all of it", async () => {
      return (await stage.server.logTexts(session)).length === 21;
    });
    stage.proxy.mode = "refuse";
    stage.proxy.rst();
    await untilEnded(stage, session, 21);
    await app.tab.slowDown(SLOW_FACTOR);
    await resetMainThread(app.tab);
    stage.proxy.mode = "pass";
    const begunMs = performance.now();
    await stage.until(
      "the last answer is there",
      async () => {
        const answers = await app.answers();
        return answers.length >= 20 && (answers.at(-1) ?? "").endsWith(" 5000");
      },
      40_000,
    );
    stage.note?.(
      `caught up after ${Math.round(performance.now() - begunMs)} ms, the wait to reconnect included`,
    );
    await noteBusy(stage, app, "100,000 events caught up with");
    await app.tab.slowDown(1);
  },
};

export const openLong: Scenario = {
  id: "45b",
  title: "A session of 100,000 events opened in a fresh tab, the processor 4× slower",
  needs: ["slow-cpu"],
  async run(stage) {
    const first = await stage.open();
    const session = await first.begin(PROMPT);
    await askForEvents(first, 95_000);
    await untilEnded(stage, session, 20);
    await first.tab.close();
    const app = await openSlowly(stage);
    await resetMainThread(app.tab);
    const begunMs = performance.now();
    await app.switchTo(session);
    await untilShown(stage, app, " 4999 5000", 20_000);
    stage.note?.(`opened after ${Math.round(performance.now() - begunMs)} ms`);
    await noteBusy(stage, app, "100,000 events opened");
    await app.tab.slowDown(1);
  },
};
