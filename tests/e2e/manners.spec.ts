import type { Page } from "@playwright/test";
import { expect, test } from "./harness.ts";

async function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "nothing");
}

test("what a reader sends from far up is shown to him", async ({ chat, page }) => {
  await chat.open();
  await chat.begin("long 20");
  await expect(chat.answers.first()).not.toHaveAttribute("aria-busy", "true", { timeout: 30_000 });
  await page.getByRole("log", { name: "Conversation" }).evaluate((log) => log.scrollTo(0, 0));
  await expect(page.getByRole("button", { name: "Jump to latest" })).toBeVisible();
  await chat.send("echo seen at once");
  await expect(chat.answerText(1)).toHaveText("seen at once");
  await expect(chat.answers.nth(1)).toBeInViewport();
  await expect(page.getByRole("button", { name: "Jump to latest" })).toHaveCount(0);
});

test("a button that goes with its press hands the keyboard to the composer", async ({ chat, page }) => {
  await chat.open();
  await chat.begin("slow");
  await chat.send("echo queued");
  await page.getByRole("button", { name: "Edit" }).press("Enter");
  await expect(page.getByRole("textbox", { name: "Queued text" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(chat.message).toBeFocused();
  await page.getByRole("button", { name: "Withdraw" }).press("Enter");
  await expect(page.getByText("echo queued")).toHaveCount(0);
  expect(await focused(page)).toBe("Message");
  await page.getByRole("button", { name: "Stop" }).press("Enter");
  await expect(page.getByText("Stopped.", { exact: true })).toBeVisible();
  expect(await focused(page)).toBe("Message");
  await page.getByRole("button", { name: "Retry" }).press("Enter");
  await expect(page.getByText("2 of 2")).toBeVisible();
  expect(await focused(page)).toBe("Message");
});

test("the keyboard stays where it was through a rename", async ({ chat, page }) => {
  await chat.open();
  await chat.begin("echo one");
  const row = chat.sessions.getByRole("listitem").first();
  await row.getByRole("button", { name: "Session options" }).press("Enter");
  await expect(page.getByRole("menuitem", { name: "Rename" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("textbox", { name: "Title" })).toBeFocused();
  await page.keyboard.type("Two");
  await page.keyboard.press("Enter");
  await expect(chat.sessions.getByRole("link", { name: "Two" })).toBeFocused();
});
