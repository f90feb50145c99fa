import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { letPass, untilCurrent, untilShown } from "../until-current.ts";

const SUSPENDED_MS = 6_000;

/** Pages and network stand still as iOS lets them when its person goes to another app; `fault` happens meanwhile. */
async function suspendDuring(stage: Stage, fault: () => void): Promise<void> {
  const app = await stage.open();
  const session = await app.begin("count 300 60");
  await untilShown(stage, app, "1 2 3");
  await app.draft("echo half a thought");
  await stage.browser.suspend();
  try {
    await letPass(stage, "suspended for a while", SUSPENDED_MS / 2);
    fault();
    await letPass(stage, "suspended for a while longer", SUSPENDED_MS / 2);
  } finally {
    await stage.browser.wake();
  }
  const ms = await untilCurrent(stage, app, session);
  stage.note?.(`current ${ms} ms after ${SUSPENDED_MS / 1000} s suspended`);
}

export const suspended: Scenario = {
  id: "24",
  title: "Suspended for 6 s as iOS suspends an app: nothing is lost, current within 1 s of waking",
  needs: ["suspend"],
  run: (stage) => suspendDuring(stage, () => undefined),
};

export const suspendedThenReset: Scenario = {
  id: "24a",
  title: "Suspended for 6 s, the connection reset meanwhile: current within 1 s of waking",
  needs: ["suspend"],
  run: (stage) => suspendDuring(stage, () => stage.proxy.rst()),
};

export const suspendedThenHole: Scenario = {
  id: "24b",
  title: "Suspended for 6 s, the connection a black hole since: current within 1 s of waking",
  needs: ["suspend"],
  run: (stage) => suspendDuring(stage, () => stage.proxy.loseOpen()),
};
