import { isSend, isStream } from "../../support/gateway-rules.ts";
import type { GatewayAction } from "../../support/http-gateway.ts";
import type { Scenario } from "../scenario.ts";
import type { AppTab, Stage } from "../stage.ts";
import {
  apiRequestsSince,
  expectThat,
  expectWithin,
  LIVE,
  NOT_LIVE,
  streamsSince,
  untilConnection,
  untilCounted,
  untilHasHeld,
} from "../steps.ts";
import { BACK_LIMIT_MS, untilCurrent } from "../until-current.ts";

/** `HELLO_TIMEOUT_MS` and a look of the watchdog; what the machine needs besides is within it. Unit: ms. */
const CONNECT_LIMIT_MS = 10_000 + 2_500;

/** The reconnect meets a line that does not greet: given up after 10 s, and a fresh connection works. */
async function meetMuteConnect(
  stage: Stage,
  action: GatewayAction,
  meanwhile: (app: AppTab) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const app = await stage.open();
  await app.begin("count 100 15");
  await untilCounted(stage, app, 10);
  stage.gateway.rule({ when: isStream, times: 1, action });
  stage.proxy.rst();
  await stage.until("the mute connect", () =>
    stage.gateway.requests.some((each) => isStream(each) && each.isRuled),
  );
  await meanwhile(app);
  const muteAtMs = stage.gateway.requests.find((each) => isStream(each) && each.isRuled)?.atMs ?? 0;
  await stage.until(
    "a fresh connection is tried, and nothing says Live before it",
    async () => {
      const words = await app.connection();
      const isFresh = streamsSince(stage, muteAtMs + 1) > 0;
      expectThat(isFresh || NOT_LIVE.test(words), `the indicator says ${words} while nothing answers`);
      return isFresh;
    },
    15_000,
  );
  const freshAtMs = stage.gateway.requests.find((each) => isStream(each) && each.atMs > muteAtMs)?.atMs ?? 0;
  const waitedMs = freshAtMs - muteAtMs;
  expectThat(waitedMs >= 9_500, `given up after ${Math.round(waitedMs)} ms already`);
  expectWithin(stage, "a mute connect is given up", waitedMs, CONNECT_LIMIT_MS);
  await untilConnection(stage, app, LIVE);
}

export const noHeaders: Scenario = {
  id: "9",
  title:
    "A connect and a send that are never answered: the connect is given up after 10 s, the send once a fresh one greets; run once",
  async run(stage) {
    await meetMuteConnect(stage, { kind: "no-headers" }, (app) => {
      stage.gateway.rule({ when: isSend, times: 1, action: { kind: "no-headers" } });
      return app.send("echo once");
    });
    const sentAtMs = (): readonly number[] => stage.gateway.requests.filter(isSend).map(({ atMs }) => atMs);
    // The first message, the mute send, and that one again.
    await stage.until("it is sent again", () => sentAtMs().length >= 3, 20_000);
    const [, mutedAtMs = 0, againAtMs = 0] = sentAtMs();
    const waitedMs = againAtMs - mutedAtMs;
    // Once a fresh connection greets, what the dead ones hold is asked again; without it the send has 15 s of its own.
    expectWithin(stage, "a mute send is given up and sent again", waitedMs, CONNECT_LIMIT_MS + 1_000);
  },
};

export const headersOnly: Scenario = {
  id: "10",
  title: "Headers and no body (Chromium and WebKit fire `open`): not called live, given up after 10 s",
  run: (stage) => meetMuteConnect(stage, { kind: "headers-only" }),
};

export const halfOpen: Scenario = {
  id: "11a",
  title: "The open connection becomes a black hole (HTTP/1.1): recovered within 3 heartbeats while in sight",
  // The watchdog looks once a second: that must be small beside a heartbeat, as it is with the usual 10 s.
  serverEnv: { HOLDFAST_HEARTBEAT_MS: "4000" },
  async run(stage) {
    const app = await stage.open();
    await app.begin("count 400 20");
    await untilCounted(stage, app, 20);
    const lostAtMs = performance.now();
    stage.proxy.loseOpen();
    await stage.until("a new stream is asked for", () => streamsSince(stage, lostAtMs) > 0, 30_000);
    await untilConnection(stage, app, LIVE, 30_000);
    expectWithin(stage, "recovered", performance.now() - lostAtMs, 3 * stage.heartbeatMs);
  },
};

/** `AWAY_MS`, and some more. Unit: ms. */
const AWAY_MS = 6_000;

export const halfOpenWhileAway: Scenario = {
  id: "11b",
  title: "The connection becomes a black hole while the tab is hidden: recovered within 1 s of coming back",
  needs: ["hide"],
  serverEnv: { HOLDFAST_HEARTBEAT_MS: "10000" },
  async run(stage) {
    const app = await stage.open();
    await app.begin("count 400 30");
    await untilCounted(stage, app, 20);
    await app.tab.hide();
    stage.proxy.loseOpen();
    const hiddenAtMs = performance.now();
    await stage.until("away for 6 s", () => performance.now() - hiddenAtMs >= AWAY_MS, AWAY_MS + 2_000);
    const requests = apiRequestsSince(stage, hiddenAtMs + 500);
    expectThat(requests === 0, `${requests} requests while hidden`);
    await app.tab.show();
    const shownAtMs = performance.now();
    await untilConnection(stage, app, LIVE);
    expectWithin(stage, "recovered after coming back", performance.now() - shownAtMs, BACK_LIMIT_MS);
  },
};

const TLS_FILE = (name: string): string => new URL(`../../support/tls/${name}`, import.meta.url).pathname;

export const halfOpenHttp2: Scenario = {
  id: "12",
  title: "The one HTTP/2 connection becomes a black hole: never called live meanwhile, recovers by itself",
  isLong: true,
  notIn: {
    webkit: "WebKitGTK's network stack (libsoup) stays on the dead HTTP/2 session; Apple's is another one.",
  },
  serverEnv: {
    HOLDFAST_TLS_CERT: TLS_FILE("test-cert.pem"),
    HOLDFAST_TLS_KEY: TLS_FILE("test-key.pem"),
  },
  async run(stage) {
    const app = await stage.open();
    const session = await app.begin("count 200 20");
    await untilCounted(stage, app, 20);
    const protocols = await app.tab.evaluate(
      () =>
        performance
          .getEntriesByType("resource")
          .flatMap((entry) => (entry instanceof PerformanceResourceTiming ? [entry.nextHopProtocol] : [])),
      0,
    );
    expectThat(protocols.includes("h2"), `the browser speaks ${protocols.join(", ")}`);
    const lostAtMs = performance.now();
    stage.proxy.loseOpen();
    await untilConnection(stage, app, NOT_LIVE, 5_000);
    const said = new Set<string>();
    await stage.until(
      "live again",
      async () => {
        const words = await app.connection();
        said.add(words.replace(/\d+/, "N"));
        if (LIVE.test(words)) return true;
        expectThat(NOT_LIVE.test(words), `the indicator says ${words} on a dead connection`);
        return false;
      },
      180_000,
    );
    // The answer ended meanwhile, and of that nothing came: a page that said Live on the dead connection would show a part.
    await untilCurrent(stage, app, session);
    stage.note?.(`recovered after ${Math.round((performance.now() - lostAtMs) / 1000)} s`);
    stage.note?.(`the indicator said: ${[...said].join("; ")}`);
  },
};

export const otherNetwork: Scenario = {
  id: "13",
  title: "Another network: the old connections are lost, new ones work, `offline` and `online` are fired",
  needs: ["offline"],
  serverEnv: { HOLDFAST_HEARTBEAT_MS: "10000" },
  async run(stage) {
    const app = await stage.open();
    await app.begin("count 200 30");
    await untilCounted(stage, app, 20);
    await app.tab.setOffline(true);
    stage.proxy.loseOpen();
    await untilConnection(stage, app, /^Offline/);
    await app.draft("between two networks");
    // Before the call: the event may have been handled by the time a driver answers.
    const onlineAtMs = performance.now();
    await app.tab.setOffline(false);
    await stage.until("a new stream is asked for", () => streamsSince(stage, onlineAtMs) > 0, 30_000);
    await untilConnection(stage, app, LIVE, 30_000);
    expectWithin(stage, "recovered after `online`", performance.now() - onlineAtMs, BACK_LIMIT_MS);
  },
};

export const offlineOnly: Scenario = {
  id: "14",
  title:
    "`offline` is fired though the stream still flows: nothing is dropped, the indicator says what is known",
  needs: ["offline"],
  async run(stage) {
    const app = await stage.open();
    await app.begin("count 200 20");
    await untilCounted(stage, app, 10);
    await app.tab.setOffline(true);
    await untilConnection(stage, app, /^Offline/);
    await app.draft("written offline");
    await stage.until("offline for 1 s", holdsFor(1_000));
    await app.tab.setOffline(false);
    await untilConnection(stage, app, LIVE);
    await untilCounted(stage, app, 200);
  },
};

function holdsFor(ms: number): () => boolean {
  const begunMs = performance.now();
  return () => performance.now() - begunMs >= ms;
}

export const stalledAgent: Scenario = {
  id: "15",
  title: "Only pings arrive (the agent is slow): live, the stream is left alone. Nothing arrives: not live",
  async run(stage) {
    const app = await stage.open();
    await app.begin("count 2 5000");
    await stage.until("the stream is open", () => streamsSince(stage) > 0);
    await untilConnection(stage, app, LIVE);
    const quietAtMs = performance.now();
    await untilHasHeld(stage, "live while only pings arrive", 3.5 * stage.heartbeatMs, async () =>
      LIVE.test(await app.connection()),
    );
    expectThat(streamsSince(stage, quietAtMs) === 0, "a stream that pings was opened again");
    stage.proxy.mode = "hole";
    const lostAtMs = performance.now();
    await untilConnection(stage, app, NOT_LIVE);
    // The watchdog looks once a second.
    expectWithin(
      stage,
      "said that nothing arrives",
      performance.now() - lostAtMs,
      2.5 * stage.heartbeatMs + 1_500,
    );
    stage.proxy.mode = "pass";
    // What fell into the hole ends, so that nobody waits for the time limit of a connect.
    stage.proxy.rst();
    await untilConnection(stage, app, LIVE, 20_000);
  },
};

export const bufferingProxy: Scenario = {
  id: "16",
  title:
    "A proxy holds everything back and lets it go in bursts: no duplicate, not called live before the burst",
  async run(stage) {
    const app = await stage.open();
    await app.begin("count 200 20");
    await untilCounted(stage, app, 10);
    let release = (): void => undefined;
    const until = new Promise<void>((resolve) => (release = resolve));
    stage.gateway.rule({
      when: isStream,
      times: 1,
      action: { kind: "shape", shape: { kind: "hold", until } },
    });
    const heldAtMs = performance.now();
    stage.proxy.rst();
    await stage.until("the stream that is held back", () => streamsSince(stage, heldAtMs) > 0);
    await untilHasHeld(stage, "not live before the burst", 3_000, async () =>
      NOT_LIVE.test(await app.connection()),
    );
    release();
    await untilConnection(stage, app, LIVE);
    // Then every byte comes late, which a heartbeat must forgive in the end.
    stage.proxy.delayMs = 2_000;
    await app.send("echo late");
    await stage.until("the late answer", async () => (await app.answers()).at(-1) === "late", 20_000);
    stage.proxy.delayMs = 0;
  },
};
