import { ChatPage } from "./chat-page.ts";
import { countText } from "./demo-texts.ts";
import { expect, openSources, test } from "./harness.ts";

test("eight windows on one server over HTTP/1.1: each loads, follows and sends, four of them by stream", async ({
  context,
  holdfast,
}) => {
  test.setTimeout(120_000);
  const windows: ChatPage[] = [];
  for (let index = 0; index < 8; index++) {
    const chat = new ChatPage(await context.newPage());
    windows.push(chat);
    await chat.open();
    await chat.begin(`count ${300 + index} 40`);
  }
  // All eight run at once, and every one of them grows.
  for (const chat of windows) await expect(chat.answerText()).toContainText("1 2 3");
  const sources = await Promise.all(windows.map(({ page }) => openSources(page)));
  expect(sources.reduce((sum, open) => sum + open, 0)).toBeLessThanOrEqual(4);
  for (const [index, chat] of windows.entries()) {
    await expect(chat.answerText()).toHaveText(countText(300 + index), { timeout: 40_000 });
    await chat.send("echo still here");
    await expect(chat.answerText(1)).toHaveText("still here", { timeout: 15_000 });
    expect((await holdfast.logTexts(chat.sessionId())).map((turn) => turn.text)).toEqual([
      countText(300 + index),
      "still here",
    ]);
  }
});
