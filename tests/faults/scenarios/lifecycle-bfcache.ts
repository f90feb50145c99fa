import type { Scenario } from "../scenario.ts";
import type { AppTab, Stage } from "../stage.ts";
import { letPass, untilCurrent, untilShown } from "../until-current.ts";

async function leaveAndComeBack(
  stage: Stage,
  app: AppTab,
  session: string,
  fault: () => void,
): Promise<void> {
  await app.tab.evaluate(() => Object.assign(globalThis, { isKept: true }) && undefined, undefined);
  await app.tab.goto(`${stage.url}/manifest.webmanifest`);
  await letPass(stage, "away for a while", 3_000);
  fault();
  await letPass(stage, "away for a while longer", 3_000);
  await app.tab.back();
  const isKept = await app.tab.evaluate(() => "isKept" in globalThis, undefined);
  if (!isKept) throw new Error("The page did not come out of the back-forward cache; it was loaded anew.");
  stage.note?.(`current ${await untilCurrent(stage, app, session)} ms after the back-forward cache`);
  await app.send("echo still here");
  await untilShown(stage, app, "still here", 20_000);
}

export const restored: Scenario = {
  id: "26",
  title: "Out of the back-forward cache in mid-stream: current within 1 s, and it sends",
  needs: ["bfcache"],
  async run(stage) {
    const app = await stage.open();
    const session = await app.begin("count 200 60");
    await untilShown(stage, app, "1 2 3");
    await leaveAndComeBack(stage, app, session, () => undefined);
  },
};

export const restoredIntoHole: Scenario = {
  id: "26a",
  title:
    "Out of the back-forward cache, the connection a black hole meanwhile: current within 1 s, and it sends",
  needs: ["bfcache"],
  async run(stage) {
    const app = await stage.open();
    const session = await app.begin("count 200 60");
    await untilShown(stage, app, "1 2 3");
    await leaveAndComeBack(stage, app, session, () => stage.proxy.loseOpen());
  },
};
