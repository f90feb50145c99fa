import { countText } from "./demo-texts.ts";
import { expect, test } from "./harness.ts";

/** How many settled turns of the session the page has on disk. */
async function storedTurns(session: string): Promise<number> {
  const [database] = await indexedDB.databases();
  const opening = indexedDB.open(database?.name ?? "");
  await new Promise((resolve) => opening.addEventListener("success", resolve));
  const reading = opening.result.transaction("records").objectStore("records").getAllKeys();
  await new Promise((resolve) => reading.addEventListener("success", resolve));
  opening.result.close();
  return reading.result.filter((key) => typeof key === "string" && key.startsWith(`turn/${session}/`)).length;
}

test("without IndexedDB it says so once and still streams", async ({ chat, page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, "indexedDB", {
      get: () => {
        throw new DOMException("refused", "SecurityError");
      },
    });
  });
  await chat.open();
  await chat.begin("count 30 10");
  await expect(chat.answerText()).toHaveText(countText(30));
  await expect(page.getByText(/storage|kept in memory|not be kept/i).first()).toBeVisible();
});

test("an IndexedDB that never answers does not hold up the start", async ({ chat, page }) => {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = function open() {
      return Object.create(IDBOpenDBRequest.prototype, { addEventListener: { value: () => undefined } });
    };
  });
  await chat.open();
  await chat.begin("count 30 10");
  await expect(chat.answerText()).toHaveText(countText(30));
});

test("a corrupt local record is set aside and fetched again", async ({ chat, page }) => {
  await chat.open();
  const session = await chat.begin("count 30 10");
  await expect(chat.answerText()).toHaveText(countText(30));
  const other = await chat.begin("echo other");
  await expect(chat.answerText()).toHaveText("other");
  await page.evaluate(async (sid) => {
    const names = (await indexedDB.databases()).map((database) => database.name ?? "");
    for (const name of names) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name);
        request.addEventListener("success", () => resolve(request.result));
        request.addEventListener("error", () => reject(request.error ?? new Error("open")));
      });
      for (const storeName of database.objectStoreNames) {
        const store = database.transaction(storeName, "readwrite").objectStore(storeName);
        const keys = await new Promise<IDBValidKey[]>((resolve) => {
          const request = store.getAllKeys();
          request.addEventListener("success", () => resolve(request.result));
        });
        for (const key of keys) if (JSON.stringify(key).includes(sid)) store.put({ garbage: [1, 2, 3] }, key);
      }
      database.close();
    }
  }, session);
  await page.goto(`/s/${session}`);
  await expect(chat.answerText()).toHaveText(countText(30));
  await chat.switchTo(other);
  await expect(chat.answerText()).toHaveText("other");
});

test("cached sessions are readable while the server is down", async ({ chat, page, holdfast }) => {
  await chat.open();
  const session = await chat.begin("count 30 10");
  await expect(chat.answerText()).toHaveText(countText(30));
  const other = await chat.begin("echo other");
  await expect(chat.answerText()).toHaveText("other");
  holdfast.proxy.mode = "refuse";
  holdfast.proxy.rst();
  await chat.switchTo(session);
  await expect(chat.answerText()).toHaveText(countText(30));
  await expect(chat.connection).toHaveText(/^Reconnecting|^Offline/);
  await chat.switchTo(other);
  await expect(chat.answerText()).toHaveText("other");
  await page.close();
});

test("a session that the server has lost is still readable, and says so", async ({ chat, page }) => {
  await chat.open();
  const session = await chat.begin("echo remember me");
  await expect(chat.answerText()).toHaveText("remember me");
  await expect.poll(() => page.evaluate(storedTurns, session)).toBe(1);
  await page.route(`**/api/sessions/${session}/stream*`, (route) =>
    route.fulfill({
      contentType: "text/event-stream; charset=utf-8",
      body: 'event: bye\ndata: {"reason":"not-found"}\n\n',
    }),
  );
  await page.reload();
  await expect(chat.answerText()).toHaveText("remember me");
  await expect(page.getByText("The server does not know this session")).toBeVisible();
  await expect(chat.connection).toHaveText(/^Offline/);
});

test(
  "a draft of the version before is in the composer after the update",
  { tag: "@firefox" },
  async ({ chat, page }) => {
    await page.goto("/icon.svg");
    await page.evaluate(async () => {
      const opening = indexedDB.open("holdfast-1");
      opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore("records"));
      await new Promise((resolve) => opening.addEventListener("success", resolve));
      const transaction = opening.result.transaction("records", "readwrite");
      transaction.objectStore("records").put({ text: "half a thought", atMs: Date.now() }, "draft/new");
      await new Promise((resolve) => transaction.addEventListener("complete", resolve));
      opening.result.close();
    });
    await chat.open();
    await expect(chat.message).toHaveValue("half a thought");
  },
);

test("the streams panel shows the spans that the browser's profiler has", async ({ chat, page }) => {
  await chat.open();
  const first = await chat.begin("count 30 10");
  await expect(chat.answerText()).toHaveText(countText(30));
  await chat.begin("echo other");
  await expect(chat.answerText()).toHaveText("other");
  await chat.switchTo(first);
  await expect(chat.answerText()).toHaveText(countText(30));
  await expect
    .poll(() =>
      page.evaluate(() => [...new Set(performance.getEntriesByType("measure").map((entry) => entry.name))]),
    )
    .toEqual(
      expect.arrayContaining([
        "holdfast:switch",
        "holdfast:attach",
        "holdfast:catch-up",
        "holdfast:reattach",
        "holdfast:first-token",
        "holdfast:fold",
        "holdfast:write",
        "holdfast:save",
        "holdfast:disk-work",
      ]),
    );
  await page.getByRole("button", { name: "Streams", exact: true }).click();
  const timings = page
    .getByRole("complementary", { name: "Streams" })
    .locator("section", { hasText: "Timings" });
  await expect(timings.getByRole("row", { name: /^Switch, until painted/ })).toBeVisible();
  await expect(timings.getByRole("row", { name: /^Save, own work/ })).toBeVisible();
});

test("what was being written in a session that is deleted elsewhere is not lost", async ({
  chat,
  page,
  holdfast,
}) => {
  await chat.open();
  const session = await chat.begin("echo one");
  await expect(chat.answerText()).toHaveText("one");
  await chat.message.fill("half a thought");
  await fetch(`${holdfast.directUrl}/api/sessions/${session}`, { method: "DELETE" });
  await expect(page).toHaveURL(/\/$/);
  await expect(chat.message).toHaveValue("half a thought");
  await expect(page.getByText("deleted elsewhere")).toBeVisible();
});
