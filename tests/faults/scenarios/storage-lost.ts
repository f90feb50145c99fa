import type { FaultTab } from "../fault-browser.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { openBarePage, readRecords, untilDraftOnDisk } from "../stored-records.ts";
import { letPass, untilCurrent, untilShown } from "../until-current.ts";

/** The store is lost in mid-stream, with words in the composer and a message that the server has not got. */
async function loseDuring(stage: Stage, lose: (tab: FaultTab) => Promise<void>): Promise<void> {
  const other = await openBarePage(stage);
  const app = await stage.open();
  const session = await app.begin("count 200 40");
  await untilShown(stage, app, "1 2 3");
  stage.proxy.mode = "refuse";
  stage.proxy.rst();
  await app.send("echo sent while nobody was there");
  await app.draft("echo half a thought");
  await app.tab.evaluate(() => Reflect.set(window, "__isTheSameDocument", true), undefined);
  await lose(app.tab);
  await letPass(stage, "lost for a second", 1_000);
  stage.proxy.mode = "pass";
  await untilShown(stage, app, "sent while nobody was there", 30_000);
  await untilCurrent(stage, app, session);
  await app.draft(" goes on");
  const words = "echo half a thought goes on";
  if ((await app.composerText()) !== words)
    throw new Error(`The composer says: ${await app.composerText()}.`);

  // What is written from now on lies on the disk again, as another page sees it. That one has lost its own connection too.
  await other.reload();
  await untilDraftOnDisk(stage, other, session, words);
  const mark = await app.tab.evaluate(() => Reflect.get(window, "__isTheSameDocument") === true, undefined);
  if (!mark) throw new Error("The page was loaded anew.");
  await app.send(", to its end");
  await stage.until("the whole conversation is on the disk", async () => {
    return JSON.stringify(await readRecords(other)).includes("to its end");
  });
  await other.close();
  await app.tab.reload();
}

export const serverLost: Scenario = {
  id: "36",
  title:
    "The IndexedDB server dies in mid-stream (WebKit): recovered without a reload; draft, outbox and text are kept",
  needs: ["lose-storage"],
  run: (stage) => loseDuring(stage, (tab) => tab.loseStorage()),
};

export const connectionLost: Scenario = {
  id: "36a",
  title:
    "The store is cleared and its connection closed in mid-stream: opened again; draft, outbox and text are kept",
  needs: ["clear-storage"],
  run: (stage) => loseDuring(stage, (tab) => tab.clearStorage()),
};
