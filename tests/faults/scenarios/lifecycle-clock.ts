import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { letPass, untilCurrent, untilShown } from "../until-current.ts";

const HOUR_MS = 3_600_000;

/** A visible page looks at its clock and its streams every second. Unit: ms. */
const TICK_MS = 1_000;

async function jumpDuring(stage: Stage, offsetMs: number): Promise<void> {
  const app = await stage.open();
  const session = await app.begin("count 150 40");
  await untilShown(stage, app, "1 2 3");
  await app.tab.setClock(offsetMs);
  const jumpedAtMs = performance.now();
  await letPass(stage, "three heartbeats after the jump", 3 * stage.heartbeatMs);
  await untilCurrent(stage, app, session);
  await stage.until("it says Live", async () => (await app.connection()).startsWith("Live"));
  const streams = stage.gateway.count(({ path }) => path.endsWith("/stream"), jumpedAtMs);
  // A jump ahead may be a sleep, and is answered by one fresh connection; more would be a loop.
  if (streams > 1) throw new Error(`${streams} streams were opened after the clock jumped.`);
  await app.send("echo after the jump");
  await untilShown(stage, app, "after the jump");
}

export const sleep: Scenario = {
  id: "25",
  title:
    "Laptop sleep: two hours gone and the connection a black hole; current within a look at the clock and 1 s",
  needs: ["clock"],
  async run(stage) {
    const app = await stage.open();
    const session = await app.begin("count 200 50");
    await untilShown(stage, app, "1 2 3");
    stage.proxy.loseOpen();
    await letPass(stage, "the log goes ahead", 1_000);
    await app.tab.setClock(2 * HOUR_MS);
    stage.note?.(
      `current ${await untilCurrent(stage, app, session, TICK_MS + 1_000)} ms after a sleep of 2 h`,
    );
    await app.send("echo good morning");
    // Queued behind ten seconds of counting.
    await untilShown(stage, app, "good morning", 20_000);
  },
};

export const clockAhead: Scenario = {
  id: "43a",
  title: "The clock jumps an hour ahead in mid-stream: nothing is lost, at most one reconnect",
  needs: ["clock"],
  run: (stage) => jumpDuring(stage, HOUR_MS),
};

export const clockBack: Scenario = {
  id: "43b",
  title: "The clock jumps an hour back in mid-stream: nothing is lost, at most one reconnect",
  needs: ["clock"],
  run: (stage) => jumpDuring(stage, -HOUR_MS),
};

export const clockBackInHole: Scenario = {
  id: "43c",
  title:
    "The clock jumps an hour back and the connection is a black hole: noticed within 3 heartbeats all the same",
  needs: ["clock"],
  async run(stage) {
    const app = await stage.open();
    const session = await app.begin("count 200 50");
    await untilShown(stage, app, "1 2 3");
    stage.proxy.loseOpen();
    await app.tab.setClock(-HOUR_MS);
    await letPass(stage, "the log goes ahead", 1_000);
    // Two of the three heartbeats are left, and a second to connect.
    const limitMs = 2 * stage.heartbeatMs + 1_000;
    stage.note?.(`current ${await untilCurrent(stage, app, session, limitMs)} ms after the clock went back`);
  },
};

export const clockBackWhileWaiting: Scenario = {
  id: "43d",
  title:
    "The clock jumps an hour back while the server refuses: no countdown of an hour, back when the server is",
  needs: ["clock"],
  async run(stage) {
    const app = await stage.open();
    await app.begin("count 200 50");
    await untilShown(stage, app, "1 2 3");
    stage.proxy.mode = "refuse";
    stage.proxy.rst();
    await stage.until("it says Reconnecting", async () =>
      (await app.connection()).startsWith("Reconnecting"),
    );
    await app.tab.setClock(-HOUR_MS);
    await letPass(stage, "two looks at the clock", 2 * TICK_MS);
    const said = await app.connection();
    const seconds = Number(/in (\d+) s/.exec(said)?.[1] ?? 0);
    // The longest wait is 15 s.
    if (seconds > 15) throw new Error(`After the clock went back it says: ${said}.`);
    stage.proxy.mode = "pass";
    await stage.until("it is back", async () => (await app.connection()).startsWith("Live"), 17_000);
  },
};
