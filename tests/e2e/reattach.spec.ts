import { countText } from "./demo-texts.ts";
import { expect, openSources, setHidden, test } from "./harness.ts";

test("a reload in mid-stream with a slow API goes on exactly where it was", async ({
  chat,
  page,
  holdfast,
}) => {
  await chat.open();
  await chat.begin("count 200 20");
  await expect(chat.answerText()).toContainText("1 2 3 4 5 6 7 8 9 10");
  holdfast.proxy.delayMs = 700;
  await page.reload();
  await expect(chat.answerText()).toContainText("1 2 3 4 5");
  await expect(chat.answerText()).toHaveText(countText(200), { timeout: 20_000 });
  await expect(chat.answers).toHaveCount(1);
});

test("connections reset and ended in mid-stream lose and double nothing", async ({ chat, holdfast }) => {
  await chat.open();
  await chat.begin("count 300 20");
  for (const upTo of [10, 60, 120, 180]) {
    await expect(chat.answerText()).toContainText(` ${upTo} `, { timeout: 20_000 });
    if (upTo % 20 === 0) holdfast.proxy.rst();
    else holdfast.proxy.fin();
  }
  await expect(chat.answerText()).toHaveText(countText(300), { timeout: 30_000 });
  await expect(chat.connection).toHaveText(/^Live/);
});

test("hidden, connection lost, shown again: it reconnects at once and is whole", async ({
  chat,
  page,
  holdfast,
}) => {
  await chat.open();
  await chat.begin("count 200 20");
  await expect(chat.answerText()).toContainText("1 2 3 4 5");
  await setHidden(page, true);
  holdfast.proxy.rst();
  // While hidden nothing reconnects.
  await expect.poll(() => openSources(page)).toBe(0);
  await expect(chat.connection).toHaveText(/^Paused while hidden/);
  await setHidden(page, false);
  await expect(chat.answerText()).toHaveText(countText(200), { timeout: 20_000 });
  await expect(chat.connection).toHaveText(/^Live/);
});

test("offline and back: what was written meanwhile is sent once, and the answer goes on", async ({
  chat,
  context,
  holdfast,
}) => {
  await chat.open();
  const session = await chat.begin("count 150 20");
  await expect(chat.answerText()).toContainText("1 2 3 4 5");
  holdfast.proxy.mode = "refuse";
  await context.setOffline(true);
  holdfast.proxy.rst();
  await expect(chat.connection).toHaveText(/^Offline/);
  await chat.send("echo written on the train");
  await expect(chat.page.getByText("waiting to send", { exact: false }).first()).toBeVisible();
  holdfast.proxy.mode = "pass";
  await context.setOffline(false);
  await expect(chat.answerText(0)).toHaveText(countText(150), { timeout: 20_000 });
  await expect(chat.answerText(1)).toHaveText("written on the train", { timeout: 20_000 });
  expect((await holdfast.logTexts(session)).map((turn) => turn.text)).toEqual([
    countText(150),
    "written on the train",
  ]);
});

test("a message written offline survives a reload and is sent once", async ({
  chat,
  context,
  page,
  holdfast,
}) => {
  await chat.open();
  const session = await chat.begin("echo first");
  await expect(chat.answerText()).toHaveText("first");
  holdfast.proxy.mode = "refuse";
  holdfast.proxy.rst();
  await chat.send("echo second");
  await expect(page.getByText("waiting to send", { exact: false }).first()).toBeVisible();
  holdfast.proxy.mode = "pass";
  await page.reload();
  await expect(chat.answerText(1)).toHaveText("second", { timeout: 20_000 });
  expect((await holdfast.logTexts(session)).map((turn) => turn.text)).toEqual(["first", "second"]);
  await context.close();
});

test("the server is killed and restarted in mid-run: what was shown stays and can be continued", async ({
  chat,
  page,
  holdfast,
}) => {
  await chat.open();
  const session = await chat.begin("count 100 40");
  await expect(chat.answerText()).toContainText("1 2 3 4 5 6 7 8 9 10");
  await holdfast.kill("SIGKILL");
  const shown = (await chat.answerText().textContent()) ?? "";
  await expect(chat.connection).toHaveText(/^Reconnecting|^Offline/);
  await holdfast.startServer();
  await expect(chat.answers.first()).not.toHaveAttribute("aria-busy", "true", { timeout: 20_000 });
  await expect(chat.answers.first()).toContainText(/interrupted/i);
  // What was shown was durable first: it is still there, and is what the log says.
  const [turn] = await holdfast.logTexts(session);
  expect(turn?.text.startsWith(shown.trim())).toBe(true);
  expect(turn?.outcome).toBe("interrupted");
  await expect(chat.answerText(0)).toHaveText((turn?.text ?? "").trim());
  await page.getByRole("button", { name: "Continue" }).click();
  await expect
    .poll(async () => (await holdfast.logTexts(session)).map((each) => each.outcome), { timeout: 20_000 })
    .toEqual(["interrupted", "complete"]);
  const texts = (await holdfast.logTexts(session)).map((each) => each.text.trim());
  expect(texts.join(" ").replaceAll(/\s+/g, " ")).toBe(countText(100));
});

test("two tabs on one session show the same, and a send from each runs once", async ({
  chat,
  context,
  holdfast,
}) => {
  await chat.open();
  const session = await chat.begin("count 80 20");
  const second = await context.newPage();
  await second.goto(`/s/${session}`);
  const log = second.getByRole("log", { name: "Conversation" });
  await expect(log.locator('[data-part="text"]').first()).toHaveText(countText(80), { timeout: 20_000 });
  await expect(chat.answerText()).toHaveText(countText(80));
  await second.getByRole("textbox", { name: "Message" }).fill("echo from the second");
  await second.getByRole("button", { name: "Send", exact: true }).click();
  await chat.send("echo from the first");
  await expect(chat.answers).toHaveCount(3);
  await expect
    .poll(async () => (await holdfast.logTexts(session)).map((turn) => turn.text).toSorted())
    .toEqual([countText(80), "from the first", "from the second"].toSorted());
  for (const page of [chat.page, second]) {
    const texts = page.getByRole("log", { name: "Conversation" }).locator('[data-part="text"]');
    await expect
      .poll(async () => (await texts.allTextContents()).map((text) => text.trim()).toSorted())
      .toEqual([countText(80), "from the first", "from the second"].toSorted());
  }
});
