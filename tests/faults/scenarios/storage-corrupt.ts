import type { Scenario } from "../scenario.ts";
import { expectThat } from "../steps.ts";
import { openBarePage, readRecords, writeRecords } from "../stored-records.ts";
import { untilShown } from "../until-current.ts";

const GARBAGE = { garbage: [1, 2, 3] };

export const corruptRecords: Scenario = {
  id: "41",
  title: "Every record of the store is garbage, and foreign ones lie beside them: set aside, fetched again",
  async run(stage) {
    const first = await stage.open();
    const session = await first.begin("echo an answer to keep");
    await untilShown(stage, first, "an answer to keep");
    await first.draft("echo half a thought");
    const bare = await openBarePage(stage);
    await stage.until("it is on the disk", async () =>
      JSON.stringify(await readRecords(bare)).includes("an answer to keep"),
    );
    await first.tab.close();
    const own = Object.keys(await readRecords(bare)).filter((key) => key !== "generation");
    const broken = Object.fromEntries(own.map((key) => [key, GARBAGE]));
    await writeRecords(bare, {
      ...broken,
      "outbox/01890000-0000-7000-8000-000000000000": GARBAGE,
      "somebody else's": GARBAGE,
    });
    const app = await stage.open(`/s/${session}`);
    await untilShown(stage, app, "an answer to keep");
    await stage.until("the draft is back", async () => (await app.composerText()) === "echo half a thought");
    await app.send(", sent");
    await stage.until("the records are good again, the broken ones set aside", async () => {
      const records = await readRecords(bare);
      const isGood = Object.keys(records).some(
        (key) =>
          key.startsWith(`turn/${session}/`) && JSON.stringify(records[key]).includes("an answer to keep"),
      );
      return isGood && JSON.stringify(records[`quarantine/head/${session}`]) === JSON.stringify(GARBAGE);
    });
    const foreign = (await readRecords(bare))["somebody else's"];
    expectThat(JSON.stringify(foreign) === JSON.stringify(GARBAGE), "A foreign record was changed.");
    await bare.close();
  },
};

export const corruptTexts: Scenario = {
  id: "41a",
  title:
    "Garbage in localStorage under the app's own keys, in mid-typing: starts, and keeps what can be read",
  async run(stage) {
    const first = await stage.open();
    const session = await first.begin("echo an answer to keep");
    await untilShown(stage, first, "an answer to keep");
    await first.draft("echo half a thought");
    const bare = await openBarePage(stage);
    await stage.until("the draft is on the disk", async () =>
      JSON.stringify(await readRecords(bare)).includes("echo half a thought"),
    );
    await first.tab.close();
    await bare.evaluate((): void => {
      for (const key of Object.keys(localStorage)) localStorage.setItem(key, "{not json");
      localStorage.setItem("holdfast:outbox:01890000-0000-7000-8000-000000000000", "[]");
      localStorage.setItem("holdfast:settings", "null");
    }, undefined);
    await bare.close();
    const app = await stage.open(`/s/${session}`);
    await untilShown(stage, app, "an answer to keep");
    await stage.until("the draft is back", async () => (await app.composerText()) === "echo half a thought");
    await app.send(", sent");
  },
};
