import { isStream } from "../../support/gateway-rules.ts";
import type { Scenario } from "../scenario.ts";
import { letPass, untilCurrent, untilShown } from "../until-current.ts";

/** What is typed is kept by then (the promise to whoever is killed). Unit: ms. */
const DRAFT_KEPT_MS = 300;

export const tabCrash: Scenario = {
  id: "27",
  title: "The tab dies in mid-stream and is opened again: it goes on from the stored cursor",
  needs: ["crash"],
  async run(stage) {
    const app = await stage.open();
    const session = await app.begin("count 300 30");
    await untilShown(stage, app, " 40 ");
    await app.tab.crash();
    const crashedAtMs = performance.now();
    await letPass(stage, "dead for a while", 1_000);
    await app.tab.goto(`${stage.url}/s/${session}`);
    await untilCurrent(stage, app, session, 5_000);
    const first = stage.gateway.requests.find((each) => each.atMs > crashedAtMs && isStream(each));
    const after = first?.query.get("after") ?? "";
    if (after === "" || /[^0-9]0$/.test(after)) throw new Error(`It asked for the stream after "${after}".`);
  },
};

export const browserKilled: Scenario = {
  id: "28",
  title: "The browser is killed 300 ms after the last key: the draft is back, of a session and of a new one",
  needs: ["kill"],
  async run(stage) {
    const app = await stage.open();
    const session = await app.begin("echo one");
    await untilShown(stage, app, "one");
    const beside = await stage.open();
    await beside.draft("a thought for later");
    await app.draft("half a sentence and then");
    const typedAtMs = performance.now();
    await stage.until("300 ms", () => performance.now() - typedAtMs >= DRAFT_KEPT_MS);
    await stage.browser.kill();
    await stage.browser.relaunch();
    const again = await stage.open(`/s/${session}`);
    await stage.until(
      "the session's draft is back",
      async () => (await again.composerText()) === "half a sentence and then",
    );
    const fresh = await stage.open();
    await stage.until(
      "the new session's draft is back",
      async () => (await fresh.composerText()) === "a thought for later",
    );
  },
};

export const browserKilledWhileRunning: Scenario = {
  id: "28a",
  title: "The browser is killed in mid-stream with a message queued behind: both run once, and are shown",
  needs: ["kill"],
  async run(stage) {
    const app = await stage.open();
    const session = await app.begin("count 200 40");
    await untilShown(stage, app, " 20 ");
    await app.send("echo and then");
    await stage.until("the message is queued", async () => {
      return (await stage.server.logTexts(session)).length === 2;
    });
    await stage.browser.kill();
    await stage.browser.relaunch();
    const again = await stage.open(`/s/${session}`);
    await untilCurrent(stage, again, session, 5_000);
    await untilShown(stage, again, "and then", 20_000);
  },
};

export const tabKilled: Scenario = {
  id: "28b",
  title: "The tab is killed 300 ms after the last key: the draft is back",
  needs: ["crash"],
  async run(stage) {
    const app = await stage.open();
    const session = await app.begin("echo one");
    await untilShown(stage, app, "one");
    await app.draft("half a sentence and then");
    const typedAtMs = performance.now();
    await stage.until("300 ms", () => performance.now() - typedAtMs >= DRAFT_KEPT_MS);
    await app.tab.crash();
    await app.tab.goto(`${stage.url}/s/${session}`);
    await stage.until(
      "the draft is back",
      async () => (await app.composerText()) === "half a sentence and then",
    );
  },
};
