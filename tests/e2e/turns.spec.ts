import type { Page } from "@playwright/test";
import type { ChatPage } from "./chat-page.ts";
import { countText } from "./demo-texts.ts";
import { expect, test } from "./harness.ts";

test("two turns run side by side in one session without mixing", async ({ chat, holdfast }) => {
  await chat.open();
  const session = await chat.begin("count 120 20");
  await expect(chat.answerText()).toContainText("1 2 3");
  await chat.askBeside("count 90 20");
  await expect(chat.answers).toHaveCount(2);
  // Both grow at the same time.
  await expect(chat.answers.nth(0)).toHaveAttribute("aria-busy", "true");
  await expect(chat.answers.nth(1)).toHaveAttribute("aria-busy", "true");
  await expect(chat.answerText(0)).toHaveText(countText(120), { timeout: 20_000 });
  await expect(chat.answerText(1)).toHaveText(countText(90), { timeout: 20_000 });
  expect((await holdfast.logTexts(session)).map((turn) => turn.text)).toEqual([
    countText(120),
    countText(90),
  ]);
});

test("a queue of three survives a reload and runs in order, once each", async ({ chat, page, holdfast }) => {
  await chat.open();
  const session = await chat.begin("count 100 20");
  await expect(chat.answerText()).toContainText("1 2 3");
  await chat.send("echo second");
  await chat.send("echo third");
  await chat.send("echo fourth");
  await expect.poll(async () => (await holdfast.logTexts(session)).length).toBe(4);
  await page.reload();
  await expect(chat.answers).toHaveCount(4, { timeout: 30_000 });
  await expect(chat.answerText(3)).toHaveText("fourth", { timeout: 20_000 });
  for (const [index, text] of [countText(100), "second", "third", "fourth"].entries()) {
    await expect(chat.answerText(index)).toHaveText(text);
  }
  expect((await holdfast.logTexts(session)).map((turn) => turn.text)).toEqual([
    countText(100),
    "second",
    "third",
    "fourth",
  ]);
});

test("stop keeps what is there, the next message is answered, and the stopped answer never grows again", async ({
  chat,
  page,
  holdfast,
}) => {
  await chat.open();
  const session = await chat.begin("count 500 20");
  await expect(chat.answerText()).toContainText("1 2 3 4 5");
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect.poll(async () => (await holdfast.logTexts(session))[0]?.outcome).toBe("stopped");
  const kept = (await holdfast.logTexts(session))[0]?.text ?? "";
  expect(countText(500).startsWith(kept.trim())).toBe(true);
  await chat.send("echo after the stop");
  await expect(chat.answerText(1)).toHaveText("after the stop");
  await expect(chat.answerText(0)).toHaveText(kept.trim());
  await page.reload();
  await expect(chat.answerText(1)).toHaveText("after the stop");
  await expect(chat.answerText(0)).toHaveText(kept.trim());
  expect((await holdfast.logTexts(session)).map((turn) => turn.text)).toEqual([kept, "after the stop"]);
});

test("a queued message can be withdrawn before it runs", async ({ chat, page, holdfast }) => {
  await chat.open();
  const session = await chat.begin("count 100 20");
  await expect(chat.answerText()).toContainText("1 2 3");
  await chat.send("echo never mind");
  await page.getByRole("button", { name: /withdraw/i }).click();
  await expect(chat.answerText(0)).toHaveText(countText(100), { timeout: 20_000 });
  await expect(page.getByText("never mind")).toHaveCount(0);
  expect(
    (await holdfast.logTexts(session)).filter((turn) => turn.text !== "").map((turn) => turn.text),
  ).toEqual([countText(100)]);
});

/** A message waits behind a running answer, and its words are being changed. */
async function editQueued(chat: ChatPage, page: Page, words: string): Promise<void> {
  await chat.open();
  await chat.begin("count 100 20");
  await expect(chat.answerText()).toContainText("1 2 3");
  await chat.send("echo early words");
  // Until the server has it, "Edit" takes the message back instead; only a queued one can be withdrawn.
  await expect(page.getByRole("button", { name: "Withdraw" })).toBeVisible();
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByRole("textbox", { name: "Queued text" }).fill(words);
}

test("an edit of a queued message that is overtaken by its start goes into the composer", async ({
  chat,
  page,
}) => {
  await editQueued(chat, page, "echo better words");
  await expect(chat.answerText(1)).toHaveText("early words", { timeout: 20_000 });
  await expect(chat.message).toHaveValue("echo better words");
});

test("an edit of a queued message that is given up comes back nowhere", async ({ chat, page }) => {
  await editQueued(chat, page, "echo worse words");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("textbox", { name: "Queued text" })).toHaveCount(0);
  await expect(chat.answerText(1)).toHaveText("early words", { timeout: 20_000 });
  await expect(chat.message).toHaveValue("");
});

test("the draft of each session is kept over switches and a reload", async ({ chat, page }) => {
  await chat.open();
  const first = await chat.begin("echo one");
  await expect(chat.answerText()).toHaveText("one");
  const second = await chat.begin("echo two");
  await expect(chat.answerText()).toHaveText("two");
  await chat.message.fill("a thought for the second");
  await chat.switchTo(first);
  await expect(chat.message).toHaveValue("");
  await chat.message.fill("a thought for the first");
  await chat.switchTo(second);
  await expect(chat.message).toHaveValue("a thought for the second");
  await chat.switchTo(first);
  await expect(chat.message).toHaveValue("a thought for the first");
  await page.reload();
  await expect(chat.message).toHaveValue("a thought for the first");
});

test("an approval is asked, answered once, and the tool goes on", async ({ chat, page }) => {
  await chat.open();
  await chat.begin("approve");
  const allow = page.getByRole("button", { name: /^allow/i }).first();
  await expect(allow).toBeVisible();
  await allow.click();
  await expect(chat.answers.first()).not.toHaveAttribute("aria-busy", "true", { timeout: 20_000 });
  await expect(allow).toHaveCount(0);
});
