import { isApi, isStream } from "../../support/gateway-rules.ts";
import type { Scenario } from "../scenario.ts";
import {
  countText,
  expectThat,
  LIVE,
  madeRequests,
  NOT_LIVE,
  streamsSince,
  untilConnection,
  untilCounted,
} from "../steps.ts";

export const finDuringEvent: Scenario = {
  id: "1",
  title: "The stream ends (FIN) in the middle of an event: the half event is dropped and comes again, whole",
  async run(stage) {
    for (const how of ["fin", "end"] as const) {
      stage.gateway.rule({
        when: isStream,
        times: 1,
        action: { kind: "shape", shape: { kind: "cut", afterBytes: 2_000, how } },
      });
    }
    const app = await stage.open();
    await app.begin("count 120 15");
    await stage.until("both streams are cut, and a third is open", async () => {
      return streamsSince(stage) >= 3 && (await app.openSources()) === 1;
    });
    const cursors = stage.gateway.requests
      .filter(isStream)
      .map(({ query }) => Number(query.get("after")?.split(".")[1] ?? 0));
    expectThat(
      cursors.every((seq, index) => index === 0 || seq > (cursors[index - 1] ?? 0)),
      `each stream goes on from where the one before was cut: ${cursors.join(", ")}`,
    );
  },
};

export const resetUnderLoad: Scenario = {
  id: "2",
  title: "The connection is reset (RST) with bytes in flight, four times in one answer",
  async run(stage) {
    const app = await stage.open();
    await app.begin("count 400 5");
    for (const upTo of [20, 80, 160, 240]) {
      // oxlint-disable-next-line no-await-in-loop -- one reset after the other
      await untilCounted(stage, app, upTo);
      stage.proxy.rst();
    }
    await untilCounted(stage, app, 400);
    await untilConnection(stage, app, LIVE);
  },
};

/** Full jitter below ceilings that double from 0.5 s to 15 s: five or six tries in ten seconds. */
const MAX_TRIES = 15;
const MAX_REQUESTS = 40;
const DOWN_MS = 10_000;

export const serverDown: Scenario = {
  id: "3",
  title: "The server is away for 10 s: tried again with back-off and without a storm, then caught up",
  async run(stage) {
    const app = await stage.open();
    await app.begin("count 250 50");
    await untilCounted(stage, app, 10);
    const downAtMs = performance.now();
    const end = stage.gateway.rule({ when: () => true, action: { kind: "reset" } });
    const before = await madeRequests(app);
    stage.proxy.rst();
    await untilConnection(stage, app, NOT_LIVE);
    await app.draft("written while the server is away");
    await stage.until("it was away for 10 s", () => performance.now() - downAtMs >= DOWN_MS, DOWN_MS + 1_000);
    // What the app asks for: a browser repeats a request that was reset by itself, Firefox up to ten times.
    const after = await madeRequests(app);
    const tries = after.sources - before.sources;
    const requests = tries + after.fetches - before.fetches;
    stage.note?.(`${tries} connects and ${requests} requests in 10 s`);
    expectThat(tries >= 1 && tries <= MAX_TRIES, `${tries} connects in 10 s; allowed are 1 to ${MAX_TRIES}`);
    expectThat(requests <= MAX_REQUESTS, `${requests} requests in 10 s; allowed are ${MAX_REQUESTS}`);
    expectThat(NOT_LIVE.test(await app.connection()), `the indicator says ${await app.connection()}`);
    end();
    await untilConnection(stage, app, LIVE, 20_000);
  },
};

export const refusedAtFirst: Scenario = {
  id: "4",
  title: "The server refuses everything at the first load: what is written waits, and goes out once",
  async run(stage) {
    const end = stage.gateway.rule({ when: isApi, action: { kind: "reset" } });
    const app = await stage.open();
    await untilConnection(stage, app, NOT_LIVE);
    const session = await app.begin("count 20 5");
    await stage.until("the message is on screen", async () => (await app.messages()).length === 1);
    expectThat(!(await stage.server.has(session)), "the server can't know of it yet");
    end();
    await stage.until("the answer is there", async () => (await app.answers())[0] === countText(20), 20_000);
  },
};
