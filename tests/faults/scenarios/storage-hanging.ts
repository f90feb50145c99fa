import { DATABASE_NAME, OBJECT_STORE_NAME } from "../../../src/persistence/keys.ts";
import { unlessGone } from "../page-gone-error.ts";
import type { Scenario } from "../scenario.ts";
import { expectThat, expectWithin } from "../steps.ts";
import { openBarePage, untilDraftOnDisk } from "../stored-records.ts";
import { letPass, untilCurrent, untilShown } from "../until-current.ts";

/** The start waits 2 s for the disk; the rest is the server's answer and the machine's. Unit: ms. */
const START_LIMIT_MS = 5_000;

const MEMORY_NOTICE = /storage can't be used/;

/** `indexedDB.open` answers with a request that nothing ever happens to. */
const OPEN_HANGS = `
  IDBFactory.prototype.open = () => Object.create(IDBOpenDBRequest.prototype, {
    addEventListener: { value: () => undefined },
  });
`;

export const openHangs: Scenario = {
  id: "37",
  title: "IndexedDB never answers: the app starts within 5 s without it, says so, and keeps drafts",
  async run(stage) {
    const first = await stage.open();
    const session = await first.begin("count 300 60");
    await untilShown(stage, first, "1 2 3");
    await first.tab.close();
    const begunMs = performance.now();
    const app = await stage.open(`/s/${session}`, { init: OPEN_HANGS });
    await untilCurrent(stage, app, session, START_LIMIT_MS);
    expectWithin(stage, "start without a disk", performance.now() - begunMs, START_LIMIT_MS);
    await stage.until("it says so", async () =>
      (await app.notices()).some((notice) => MEMORY_NOTICE.test(notice)),
    );
    await app.draft("echo half a thought");
    await letPass(stage, "the draft's delay", 300);
    await app.tab.reload();
    await stage.until("the draft is back", async () => (await app.composerText()) === "echo half a thought");
  },
};

export const leftInMidWrite: Scenario = {
  id: "37a",
  title: "Left by a link in mid-write, five times: the page that comes next reads and writes the store",
  async run(stage) {
    const app = await stage.open();
    const session = await app.begin("count 400 30");
    await untilShown(stage, app, "1 2 3");
    for (let round = 1; round <= 5; round += 1) {
      // As a link does, and with a write on its way: every piece of the answer is one.
      await app.tab.evaluate((path) => {
        const field = document.querySelector("textarea");
        field?.focus();
        document.execCommand("insertText", false, "x");
        window.setTimeout(() => location.assign(path), 160);
      }, `/s/${session}?round=${round}`);
      await stage.until(`page ${round}`, async () => {
        // The page that is left may have no time to answer.
        const search = await unlessGone(app.tab.evaluate(() => location.search, undefined));
        return search === `?round=${round}` && (await app.answers()).length > 0;
      });
    }
    await untilCurrent(stage, app, session, START_LIMIT_MS);
    await app.draft(" and half a thought");
    const other = await openBarePage(stage);
    await untilDraftOnDisk(stage, other, session, "xxxxx and half a thought");
    await other.close();
    expectThat(
      !(await app.notices()).some((notice) => MEMORY_NOTICE.test(notice)),
      "It says that the storage can't be used.",
    );
  },
};

export const storeBlocked: Scenario = {
  id: "37b",
  title:
    "A page that was left holds a transaction open, which blocks the store in WebKit: the app starts within 5 s, drafts are kept",
  async run(stage) {
    const first = await stage.open();
    const session = await first.begin("count 300 60");
    await untilShown(stage, first, "1 2 3");
    await first.tab.evaluate(
      async ({ database, store }) => {
        const opened = await new Promise<IDBDatabase>((resolve) => {
          const request = indexedDB.open(database);
          request.addEventListener("success", () => resolve(request.result));
        });
        const records = opened.transaction(store, "readwrite").objectStore(store);
        const keepOpen = (): void => {
          records.get("nothing").addEventListener("success", keepOpen);
        };
        keepOpen();
      },
      { database: DATABASE_NAME, store: OBJECT_STORE_NAME },
    );
    await first.tab.goto(`${stage.url}/icon.svg`);
    const begunMs = performance.now();
    await first.tab.goto(`${stage.url}/s/${session}`);
    await untilCurrent(stage, first, session, START_LIMIT_MS);
    expectWithin(stage, "start with a blocked disk", performance.now() - begunMs, START_LIMIT_MS);
    await first.draft("echo half a thought");
    await letPass(stage, "the draft's delay", 300);
    await first.tab.reload();
    await stage.until(
      "the draft is back",
      async () => (await first.composerText()) === "echo half a thought",
    );
  },
};
