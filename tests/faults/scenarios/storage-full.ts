import type { FaultTab } from "../fault-browser.ts";
import type { Scenario } from "../scenario.ts";
import type { AppTab, Stage } from "../stage.ts";
import { openBarePage, readRecords } from "../stored-records.ts";
import { letPass, untilCurrent, untilShown } from "../until-current.ts";

/** Less than the app's own records take. Unit: bytes. */
const TINY_QUOTA = 1_000;

/**
 * Each write fails with the error of a full disk, in IndexedDB and localStorage, for as long as `__isFull` is set in the
 * page; in its frames too, for the app may write through one.
 */
const FULL_ON_DEMAND = `
  const whenFull = (write) => function (...args) {
    if (top.__isFull) throw new DOMException("No space is left.", "QuotaExceededError");
    return write.apply(this, args);
  };
  IDBObjectStore.prototype.put = whenFull(IDBObjectStore.prototype.put);
  Storage.prototype.setItem = whenFull(Storage.prototype.setItem);
`;

/** `app` is at a session that streams up to the word `end`; `page` belongs to the same origin and runs nothing of the app. */
async function fillDuring(
  stage: Stage,
  app: AppTab,
  session: string,
  end: string,
  page: FaultTab,
  setFull: (isFull: boolean) => Promise<void>,
): Promise<void> {
  await stage.until("it says that the storage is full", async () =>
    (await app.notices()).some((notice) => /storage for this app is full/.test(notice)),
  );
  // It goes on all the same.
  await untilCurrent(stage, app, session, 5_000);
  await app.send("echo on a full disk");
  // It waits for its turn.
  await stage.until(
    "the answer before it has ended",
    async () => (await app.answers()).some((answer) => answer.endsWith(end)),
    20_000,
  );
  await untilShown(stage, app, "on a full disk", 20_000);
  await setFull(false);
  await app.send("echo there is space again");
  await untilShown(stage, app, "there is space again");
  await stage.until("what is written is kept again", async () =>
    JSON.stringify(await readRecords(page)).includes("there is space again"),
  );
  await page.close();
}

export const quotaExceeded: Scenario = {
  id: "38",
  title:
    "The quota is used up in mid-stream: says so, goes on streaming and sending, keeps again when there is space",
  needs: ["quota"],
  async run(stage) {
    const first = await stage.open();
    const session = await first.begin("count 200 60");
    await untilShown(stage, first, "1 2 3");
    await first.tab.close();
    // What room there was Chromium remembers for 30 s, and 2 s after the last page has gone: the quota is set between two.
    await letPass(stage, "the store to be closed", 4_000);
    const page = await openBarePage(stage);
    await page.setQuota(TINY_QUOTA);
    const app = await stage.open(`/s/${session}`);
    await fillDuring(stage, app, session, " 200", page, (isFull) =>
      page.setQuota(isFull ? TINY_QUOTA : undefined),
    );
  },
};

export const everythingFull: Scenario = {
  id: "38a",
  title:
    "Every write fails with QuotaExceededError, also in localStorage (by a script in the page): says so, goes on, keeps again later",
  async run(stage) {
    const app = await stage.open("/", { init: FULL_ON_DEMAND });
    const setFull = (isFull: boolean): Promise<void> =>
      app.tab.evaluate((value) => void Reflect.set(window, "__isFull", value), isFull);
    const session = await app.begin("count 200 40");
    await untilShown(stage, app, "1 2 3");
    await setFull(true);
    await fillDuring(stage, app, session, " 200", await openBarePage(stage), setFull);
  },
};
