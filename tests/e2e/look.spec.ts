import { expect, test } from "./harness.ts";

for (const width of [320, 390, 768, 1280, 2560]) {
  test(`nothing is wider than a window of ${width} px`, async ({ chat, page }) => {
    await page.setViewportSize({ width, height: 800 });
    await page.goto("/");
    await expect(chat.message).toBeVisible();
    await chat.send("markdown");
    await expect(chat.answers.first()).toBeVisible();
    await expect(chat.answers.first()).not.toHaveAttribute("aria-busy", "true", { timeout: 30_000 });
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
    // Nor is the conversation: what is wider scrolls in itself.
    const inside = await page.getByRole("log", { name: "Conversation" }).evaluate((log) => ({
      overflow: log.scrollWidth - log.clientWidth,
      widest: Math.max(
        ...Array.from(log.querySelectorAll(".md-table"), (table) => table.scrollWidth - table.clientWidth),
      ),
    }));
    expect(inside.overflow).toBeLessThanOrEqual(0);
    if (width === 320) expect(inside.widest).toBeGreaterThan(0);
    await expect(chat.message).toBeInViewport();
  });
}

test("the conversation can be led by keyboard alone", async ({ chat, page }) => {
  await chat.open();
  await chat.message.focus();
  await page.keyboard.type("echo typed");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("second line");
  await page.keyboard.press("Enter");
  await expect(chat.answerText()).toContainText("typed");
  await expect(chat.answerText()).toContainText("second line");
  await expect(chat.message).toHaveValue("");
});

test("an Enter that ends an input method's composition does not send", async ({ chat, page }) => {
  await chat.open();
  await chat.message.fill("にほん");
  await chat.message.dispatchEvent("keydown", {
    key: "Enter",
    isComposing: true,
    bubbles: true,
    cancelable: true,
  });
  await expect(chat.answers).toHaveCount(0);
  await expect(page).not.toHaveURL(/\/s\//);
});
