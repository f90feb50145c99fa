import {
  answerWith,
  isApi,
  isSend,
  isStream,
  portalPage,
  portalRedirect,
} from "../../support/gateway-rules.ts";
import type { GatewayAction } from "../../support/http-gateway.ts";
import type { Scenario } from "../scenario.ts";
import type { AppTab, Stage } from "../stage.ts";
import {
  apiRequestsSince,
  countText,
  expectThat,
  LIVE,
  NOT_LIVE,
  streamsSince,
  untilConnection,
  untilCounted,
  untilHasHeld,
} from "../steps.ts";

const PASSWORD = "correct horse";

/** The stream of an answer breaks, and its next connects are answered so. */
async function meetAnswers(stage: Stage, actions: readonly GatewayAction[]): Promise<AppTab> {
  const app = await stage.open();
  await app.begin("count 150 15");
  await untilCounted(stage, app, 10);
  const brokenAtMs = performance.now();
  for (const action of actions) stage.gateway.rule({ when: isStream, times: 1, action });
  stage.proxy.rst();
  await stage.until(
    "all of these answers were met, and a stream is open again",
    async () => streamsSince(stage, brokenAtMs) > actions.length && LIVE.test(await app.connection()),
    20_000,
  );
  expectThat(
    streamsSince(stage, brokenAtMs) === actions.length + 1,
    `${streamsSince(stage, brokenAtMs)} connects for ${actions.length} refusals`,
  );
  await untilCounted(stage, app, 150);
  return app;
}

export const busyServer: Scenario = {
  id: "5",
  title: "502 and 503 on the reconnect, which end a native EventSource for good: tried again, then live",
  async run(stage) {
    await meetAnswers(stage, [answerWith(502, "text/html", "<h1>Bad gateway</h1>"), answerWith(503)]);
  },
};

export const sessionExpired: Scenario = {
  id: "6a",
  title: "The sign-in has run out: asks for it again, asks the server nothing meanwhile, keeps the draft",
  serverEnv: { HOLDFAST_PASSWORD: PASSWORD },
  async run(stage) {
    const app = await stage.open();
    await app.begin("count 150 20");
    await untilCounted(stage, app, 5);
    await app.draft("unsent words");
    const end = stage.gateway.rule({ when: isApi, without: ["cookie"] });
    stage.proxy.rst();
    await untilConnection(stage, app, /^Signed out/);
    await untilSignInIsAskedFor(stage, app);
    const askedAtMs = performance.now();
    await untilHasHeld(stage, "no request while signed out", 3_000, () => {
      return apiRequestsSince(stage, askedAtMs) <= 1;
    });
    end();
    await app.tab.type('dialog[open] input[type="password"]', PASSWORD);
    await app.tab.click('dialog[open] button[type="submit"]');
    await untilConnection(stage, app, LIVE);
    await untilCounted(stage, app, 150);
  },
};

async function untilSignInIsAskedFor(stage: Stage, app: AppTab): Promise<void> {
  await stage.until("the sign-in is asked for", () =>
    app.tab.evaluate(() => document.querySelector('dialog[open] input[type="password"]') !== null, 0),
  );
}

export const forbidden: Scenario = {
  id: "6b",
  title:
    "401 and 403 from a proxy in front: asks for the sign-in at the one, backs off at the other, no loop",
  async run(stage) {
    const app = await meetAnswers(stage, [
      answerWith(403, "text/html", "<h1>Forbidden</h1>"),
      answerWith(403),
    ]);
    const end = stage.gateway.rule({ when: isApi, action: answerWith(401, "text/html", "<h1>Sign in</h1>") });
    stage.proxy.rst();
    await untilConnection(stage, app, /^Signed out/, 15_000);
    const askedAtMs = performance.now();
    await untilHasHeld(stage, "no request while signed out", 2_000, () => {
      return apiRequestsSince(stage, askedAtMs) <= 2;
    });
    end();
    await app.tab.reload();
    await untilConnection(stage, app, LIVE);
  },
};

export const noContent: Scenario = {
  id: "7",
  title: "204 on the reconnect, three times: no answer to stop at, no loop, then live",
  async run(stage) {
    await meetAnswers(stage, [answerWith(204), answerWith(204), answerWith(204)]);
  },
};

/** Everything is answered by the portal; a message sent meanwhile must not pass for delivered. */
async function meetPortal(stage: Stage, action: GatewayAction): Promise<void> {
  const app = await stage.open();
  await app.begin("count 60 15");
  await untilCounted(stage, app, 5);
  const end = stage.gateway.rule({ when: () => true, action });
  stage.proxy.rst();
  await untilConnection(stage, app, NOT_LIVE);
  await app.send("echo through the portal");
  await stage.until("the portal has answered the send", () => stage.gateway.count(isSend) >= 2);
  await stage.until("the message waits", () =>
    app.tab.evaluate(() => document.querySelector('.waiting[data-kind="waiting"]') !== null, 0),
  );
  expectThat(NOT_LIVE.test(await app.connection()), `the indicator says ${await app.connection()}`);
  end();
  await stage.until(
    "both answers are there",
    async () => (await app.answers()).join("|") === `${countText(60)}|through the portal`,
    25_000,
  );
}

export const portalWithPage: Scenario = {
  id: "8a",
  title:
    "A captive portal answers everything with 200 and a web page: nothing passes for the server's answer",
  run: (stage) => meetPortal(stage, portalPage()),
};

export const portalWithRedirect: Scenario = {
  id: "8b",
  title: "A captive portal redirects everything (302) to its page: nothing passes for the server's answer",
  run: (stage) => meetPortal(stage, portalRedirect("/portal")),
};
