import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { letPass, untilCurrent, untilShown } from "../until-current.ts";

/** Freezes the page in the middle of an answer, breaks what `fault` breaks, and looks how soon it is current again. */
async function freezeDuring(
  stage: Stage,
  frozenMs: number,
  fault: () => void,
  limitMs?: number,
): Promise<void> {
  const app = await stage.open();
  const session = await app.begin("count 300 60");
  await untilShown(stage, app, "1 2 3");
  await app.tab.freeze();
  const frozenAtMs = performance.now();
  await letPass(stage, "frozen for a while", frozenMs / 2);
  fault();
  await letPass(stage, "frozen for a while longer", frozenMs / 2);
  const asked = stage.gateway.count(() => true, frozenAtMs);
  if (asked > 0) throw new Error(`A frozen page asked ${asked} times.`);
  await app.tab.thaw();
  stage.note?.(
    `current ${await untilCurrent(stage, app, session, limitMs)} ms after ${frozenMs / 1000} s frozen`,
  );
}

export const frozen: Scenario = {
  id: "23",
  title: "Frozen for 6 s, then a burst: nothing is lost, current within 1 s of coming back",
  needs: ["freeze"],
  run: (stage) => freezeDuring(stage, 6_000, () => undefined),
};

export const frozenThenReset: Scenario = {
  id: "23a",
  title: "Frozen for 6 s, the connection reset meanwhile: current within 1 s of coming back",
  needs: ["freeze"],
  run: (stage) => freezeDuring(stage, 6_000, () => stage.proxy.rst()),
};

export const frozenThenHole: Scenario = {
  id: "23b",
  title: "Frozen for 6 s, the connection a black hole since: current within 1 s of coming back",
  needs: ["freeze"],
  run: (stage) => freezeDuring(stage, 6_000, () => stage.proxy.loseOpen()),
};

export const shortlyFrozenThenHole: Scenario = {
  id: "23c",
  title:
    "Frozen for 2 s, too short to be suspect, the connection a black hole since: current within 3 heartbeats",
  needs: ["freeze"],
  // The third heartbeat, and the second until the watchdog looks.
  run: (stage) => freezeDuring(stage, 2_000, () => stage.proxy.loseOpen(), 3 * stage.heartbeatMs + 1_000),
};
