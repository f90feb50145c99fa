import { expect, test } from "vitest";
import { createApp, type App } from "../../../src/app/compose.ts";
import type { AppEnvironment } from "../../../src/app/environment.ts";
import { err, ok } from "../../../src/protocol/result.ts";
import { createStreamingCore } from "../../../src/streaming/core.ts";
import { createOutbox } from "../../../src/streaming/outbox.ts";
import { createSessionPoller } from "../../../src/streaming/session-poller.ts";
import { createCoreHarness, type CoreHarness } from "../../support/core-harness.ts";
import { createDeferred, unreachable } from "../../support/fake-api.ts";
import {
  demo,
  queued,
  sampleSnapshot,
  sampleSummary,
  session,
  started,
  turn,
} from "../../support/streaming-samples.ts";

const S = session(1);
const HOUR_MS = 3_600_000;

interface Browser {
  readonly app: App;
  readonly h: CoreHarness;
  /** Requests of any kind so far: streams opened, questions asked. */
  requests(): number;
}

/** The whole app over the real machines, in a browser whose session 1 is open. */
async function openApp(
  prepare: (h: CoreHarness) => void = () => undefined,
  hold?: Promise<void>,
): Promise<Browser> {
  const h = createCoreHarness();
  let health = 0;
  h.api.answer({
    snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid))),
    listSessions: () =>
      Promise.resolve(ok({ sessions: [sampleSummary(S), sampleSummary(session(2))], hasMore: false })),
    agents: () =>
      Promise.resolve(
        ok({ agents: [{ id: demo, title: "Demo", kind: "demo", available: true }], default: demo }),
      ),
  });
  prepare(h);
  const environment: AppEnvironment = {
    ports: h.ports,
    frames: { schedule: (_key, run) => h.clock.setTimer(16, run), write: () => () => undefined },
    drafts: {
      peek: () => "",
      writtenAtMs: () => undefined,
      load: () => Promise.resolve(""),
      write: () => undefined,
      flush: () => undefined,
      remove: () => undefined,
      drop: () => undefined,
    },
    settings: { read: () => undefined, write: () => undefined },
    positions: { read: () => undefined, write: () => undefined },
    navigation: {
      path: () => `/s/${S}`,
      target: () => "",
      push: () => undefined,
      replace: () => undefined,
      subscribe: () => () => undefined,
    },
    async health() {
      health += 1;
      await hold;
      return ok({ name: "holdfast", version: "1", protocol: "1.0", auth: "none" as const });
    },
    wipe: () => Promise.resolve(),
    reload: () => undefined,
    subscribeNotices: () => () => undefined,
  };
  const app = createApp(environment, (ports, hooks) => {
    const core = createStreamingCore(ports, { maxStreams: 1 });
    const poller = createSessionPoller(ports, {
      viewed: () => core.viewed(),
      onSignedOut: () => hooks.onSignedOut(),
    });
    return { core, poller, outbox: createOutbox(ports, hooks) };
  });
  app.start();
  await h.clock.settle();
  return { app, h, requests: () => h.api.calls.length + h.sources.all.length + health };
}

async function expectSilence(browser: Browser): Promise<void> {
  const { h } = browser;
  const before = browser.requests();
  for (let minute = 0; minute < 60; minute += 1) {
    await h.clock.advance(HOUR_MS / 60);
    // What an engine may tell a hidden page.
    for (const event of ["focus", "online", "resume"] as const) h.page.emit(event);
  }
  expect(browser.requests() - before).toBe(0);
}

test("an app that was open and live asks nothing for an hour of being hidden, and asks on return", async () => {
  const browser = await openApp();
  const { h } = browser;
  h.greet(h.sources.last(), S, 0);
  await h.clock.advance(60_000);
  h.page.hide();
  await expectSilence(browser);
  const before = browser.requests();
  h.page.show();
  await h.clock.advance(1_000);
  expect(browser.requests()).toBeGreaterThan(before);
  browser.app.dispose();
});

test("nor when its turn was running and its stream fails meanwhile", async () => {
  const browser = await openApp();
  const { h } = browser;
  h.greet(h.sources.last(), S, 0);
  h.sources.last().frame({ from: 1, seq: 2, events: [queued(turn(1)), started(turn(1))] });
  h.page.hide();
  const before = browser.requests();
  await h.clock.advance(20_000);
  h.sources.last().error();
  expect(browser.requests()).toBe(before);
  await expectSilence(browser);
  browser.app.dispose();
});

test("nor when it begins its life hidden", async () => {
  const browser = await openApp((h) => h.page.setHiddenSilently(true));
  expect(browser.requests()).toBe(0);
  await expectSilence(browser);
  browser.app.dispose();
});

test("nor when everything it asked was failing and due to be asked again", async () => {
  const browser = await openApp((h) =>
    h.api.answer({
      listSessions: () => Promise.resolve(err(unreachable)),
      agents: () => Promise.resolve(err(unreachable)),
      snapshot: () => Promise.resolve(err(unreachable)),
    }),
  );
  browser.h.page.hide();
  await expectSilence(browser);
  browser.app.dispose();
});

test("nor when all it asked was still on its way and is answered while hidden", async () => {
  const gate = createDeferred<void>();
  const browser = await openApp((h) => {
    h.api.answer({
      snapshot: () => gate.promise.then(() => ok(sampleSnapshot(S))),
      listSessions: () => gate.promise.then(() => ok({ sessions: [sampleSummary(S)], hasMore: true })),
    });
  }, gate.promise);
  browser.h.page.hide();
  gate.resolve();
  await expectSilence(browser);
  browser.app.dispose();
});

test("nor when it followed by polling because no stream was to be had", async () => {
  const browser = await openApp((h) => {
    void h.ports.lock.withLock("stream-0", () => new Promise(() => undefined));
    h.api.answer({
      events: () => Promise.resolve(ok({ frames: [], cursor: sampleSnapshot(S).cursor, hasMore: false })),
    });
  });
  await browser.h.clock.advance(10_000);
  expect(browser.h.api.count("events")).toBeGreaterThan(0);
  browser.h.page.hide();
  await expectSilence(browser);
  browser.app.dispose();
});
