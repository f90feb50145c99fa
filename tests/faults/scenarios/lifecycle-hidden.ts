import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { letPass, untilCurrent, untilShown } from "../until-current.ts";

const MINUTE_MS = 60_000;

/** What was asked of the server since. */
function requestsSince(stage: Stage, sinceMs: number): readonly string[] {
  return stage.gateway.requests
    .filter((request) => request.atMs > sinceMs)
    .map(({ method, path }) => `${method} ${path}`);
}

function failOnRequests(stage: Stage, sinceMs: number): void {
  const asked = requestsSince(stage, sinceMs);
  if (asked.length > 0) throw new Error(`A hidden page asked for ${asked.join(", ")}.`);
}

export const shortlyHidden: Scenario = {
  id: "22a",
  title:
    "Hidden for 20 s while an answer runs: its stream stays open, nothing is asked, current within 1 s of return",
  needs: ["hide"],
  async run(stage) {
    const app = await stage.open();
    const session = await app.begin("count 400 60");
    await untilShown(stage, app, "1 2 3");
    await app.tab.hide();
    const hiddenAtMs = performance.now();
    await letPass(stage, "20 s hidden", 20_000);
    failOnRequests(stage, hiddenAtMs);
    const sources = await app.openSources();
    if (sources !== 1) throw new Error(`A hidden page with a running answer has ${sources} streams open.`);
    const connection = await app.connection();
    if (!/^(?:Paused while hidden|Live)/.test(connection)) throw new Error(`Hidden, it says: ${connection}.`);
    await app.tab.show();
    stage.note?.(`current ${await untilCurrent(stage, app, session)} ms after 20 s hidden`);
  },
};

export const longHidden: Scenario = {
  id: "22",
  title:
    "Hidden for 8 min: a running stream stays open, an idle one is closed after 30 s, nothing is asked, no false dead",
  needs: ["hide"],
  isLong: true,
  async run(stage) {
    const running = await stage.open();
    const session = await running.begin("count 520 1000");
    await untilShown(stage, running, "1 2 3");
    const idle = await stage.open();
    await idle.begin("echo done");
    await untilShown(stage, idle, "done");
    await stage.until("the answer has ended for the page", async () => (await idle.openSources()) === 1);
    await running.tab.hide();
    await idle.tab.hide();
    const hiddenAtMs = performance.now();
    // Hidden timers fire once a minute, so 30 s may be seen to be over that much later.
    await stage.until(
      "the idle stream is closed",
      async () => (await idle.openSources()) === 0,
      30_000 + MINUTE_MS + 5_000,
    );
    stage.note?.(`idle stream closed after ${Math.round((performance.now() - hiddenAtMs) / 1000)} s hidden`);
    await letPass(stage, "8 min hidden", 8 * MINUTE_MS - (performance.now() - hiddenAtMs));
    failOnRequests(stage, hiddenAtMs);
    const sources = await running.openSources();
    if (sources !== 1) throw new Error(`After 8 min hidden a running answer has ${sources} streams open.`);
    await running.tab.show();
    stage.note?.(`current ${await untilCurrent(stage, running, session)} ms after 8 min hidden`);
    // It has been seen to go on; how long a busy server takes for the rest says nothing.
    await running.tab.click(".composer button.stop");
    await idle.tab.show();
    await stage.until("the idle session streams again", async () => (await idle.openSources()) === 1);
  },
};
