import { DATABASE_NAME } from "../../../src/persistence/keys.ts";
import type { Scenario } from "../scenario.ts";
import { openBarePage, readRecords } from "../stored-records.ts";
import { untilCurrent, untilShown } from "../until-current.ts";

/** As where all of a site's storage is blocked. */
const ALL_REFUSED = `
  for (const name of ["indexedDB", "localStorage", "sessionStorage"]) {
    Object.defineProperty(window, name, {
      configurable: true,
      get: () => { throw new DOMException("The operation is insecure.", "SecurityError"); },
    });
  }
`;

/** Browsers without them, each alone or all together: old ones, private windows, plain http. */
const APIS_MISSING = `
  for (const name of ["storage", "locks", "connection", "setAppBadge", "serviceWorker"]) delete Navigator.prototype[name];
  delete window.BroadcastChannel;
  delete window.requestIdleCallback;
  delete window.scheduler;
  delete window.navigation;
  delete Crypto.prototype.randomUUID;
  delete IDBTransaction.prototype.commit;
  delete IDBFactory.prototype.databases;
`;

export const evicted: Scenario = {
  id: "39",
  title: "The browser has evicted everything it had stored: all is read again from the server",
  async run(stage) {
    const first = await stage.open();
    const done = await first.begin("echo an answer that was there");
    await untilShown(stage, first, "an answer that was there");
    const session = await first.begin("count 200 40");
    await untilShown(stage, first, "1 2 3");
    await first.tab.close();
    const bare = await openBarePage(stage);
    const outcome = await bare.evaluate(async (database) => {
      localStorage.clear();
      return new Promise<string>((resolve) => {
        // Waits for the connection of the tab that was closed just now.
        const request = indexedDB.deleteDatabase(database);
        for (const type of ["success", "error"]) request.addEventListener(type, () => resolve(type));
      });
    }, DATABASE_NAME);
    if (outcome !== "success") throw new Error(`The database could not be removed: ${outcome}.`);
    await bare.close();
    const app = await stage.open(`/s/${session}`);
    await untilCurrent(stage, app, session, 5_000);
    await app.switchTo(done);
    await untilShown(stage, app, "an answer that was there");
    await app.send("echo and on");
    await untilShown(stage, app, "and on");
  },
};

export const allRefused: Scenario = {
  id: "39a",
  title: "IndexedDB and localStorage are refused: it says so, streams, sends and switches all the same",
  async run(stage) {
    const app = await stage.open("/", { init: ALL_REFUSED });
    const session = await app.begin("count 100 40");
    await untilShown(stage, app, "1 2 3");
    await stage.until("it says so", async () =>
      (await app.notices()).some((notice) => /storage can't be used/.test(notice)),
    );
    await app.begin("echo another");
    await untilShown(stage, app, "another");
    await app.switchTo(session);
    await untilCurrent(stage, app, session);
    await app.draft("echo half a thought");
  },
};

export const upgradeBlocked: Scenario = {
  id: "40",
  title:
    "Another page's upgrade of the database waits for an old tab, and blocks a new one: it starts within 5 s, and keeps again once the old tab is gone",
  async run(stage) {
    const old = await stage.open();
    const session = await old.begin("count 300 60");
    await untilShown(stage, old, "1 2 3");
    const upgrading = await openBarePage(stage);
    await upgrading.evaluate((database) => {
      // Blocked for as long as the old tab is connected; what is opened after it waits behind it.
      indexedDB.open(database, 99);
    }, DATABASE_NAME);
    const begunMs = performance.now();
    const app = await stage.open(`/s/${session}`);
    await untilCurrent(stage, app, session, 5_000);
    stage.note?.(`current ${Math.round(performance.now() - begunMs)} ms after opening`);
    await app.draft("echo half a thought");
    // Chromium holds on to what is blocked until the tab that blocks it has gone.
    await upgrading.close();
    await old.tab.close();
    await app.send(" and its end");
    const bare = await openBarePage(stage);
    await stage.until(
      "the new tab keeps what it writes",
      async () => JSON.stringify(await readRecords(bare)).includes("and its end"),
      20_000,
    );
    await bare.close();
  },
};

export const apisMissing: Scenario = {
  id: "42",
  title:
    "No persist, estimate, Web Locks, BroadcastChannel, randomUUID, commit: two tabs work on one session all the same",
  async run(stage) {
    const app = await stage.open("/", { init: APIS_MISSING });
    const session = await app.begin("count 100 40");
    await untilShown(stage, app, "1 2 3");
    const other = await stage.open(`/s/${session}`, { init: APIS_MISSING });
    await untilCurrent(stage, other, session, 5_000);
    await other.send("echo from the other tab");
    await untilShown(stage, app, "from the other tab", 20_000);
    await app.draft("echo half a thought");
    await app.tab.reload();
    await stage.until("the draft is back", async () => (await app.composerText()) === "echo half a thought");
  },
};
