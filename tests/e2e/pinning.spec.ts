import type { Page } from "@playwright/test";
import type { ChatPage } from "./chat-page.ts";
import { expect, test } from "./harness.ts";

const log = (page: Page) => page.getByRole("log", { name: "Conversation" });
const jump = (page: Page) => page.getByRole("button", { name: "Jump to latest" });
const fromEnd = (page: Page): Promise<number> =>
  log(page).evaluate((box) => Math.round(box.scrollHeight - box.clientHeight - box.scrollTop));
const height = (page: Page): Promise<number> => log(page).evaluate((box) => box.scrollHeight);

/** An answer that is higher than the view, and something at its end that grows with every frame. */
async function streamFast(chat: ChatPage, page: Page): Promise<void> {
  await chat.open();
  await chat.send("count 3000 0");
  await expect
    .poll(() => log(page).evaluate((box) => box.scrollHeight - box.clientHeight))
    .toBeGreaterThan(800);
  await log(page).evaluate((box) => {
    const growing = document.createElement("div");
    box.firstElementChild?.append(growing);
    let px = 0;
    const grow = (): void => {
      px += 2;
      growing.style.height = `${px}px`;
      requestAnimationFrame(grow);
    };
    grow();
  });
}

/** What he reads stays, though the answer has grown by some lines meanwhile. */
async function expectLeftAlone(page: Page): Promise<void> {
  await expect(jump(page)).toBeVisible();
  const read = (): Promise<number> => log(page).evaluate((box) => Math.round(box.scrollTop));
  // A smooth move comes to its end first.
  let before = -1;
  await expect
    .poll(async () => {
      const last = before;
      before = await read();
      return before === last;
    })
    .toBe(true);
  const grownFrom = await height(page);
  await expect.poll(() => height(page)).toBeGreaterThan(grownFrom + 60);
  expect(Math.abs((await read()) - before)).toBeLessThanOrEqual(1);
}

test("one press of a key that moves up is enough to read on in peace, End follows again", async ({
  chat,
  page,
}) => {
  await streamFast(chat, page);
  await log(page).focus();
  for (const key of ["ArrowUp", "PageUp", "Shift+Space"]) {
    await page.keyboard.press(key);
    await expectLeftAlone(page);
    await page.keyboard.press("End");
    await expect(jump(page)).toHaveCount(0);
    await expect.poll(() => fromEnd(page)).toBeLessThanOrEqual(1);
  }
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("a finger moves the view off the end and back to it, and nothing is written while it moves", async ({
    chat,
    page,
  }) => {
    await streamFast(chat, page);
    // Writing it ends the momentum of a finger's move in WebKit on iOS.
    await log(page).evaluate((box) => {
      const own = Object.getOwnPropertyDescriptor(Element.prototype, "scrollTop");
      let isTouching = false;
      let writes = 0;
      for (const type of ["touchstart", "touchend", "touchcancel"])
        box.addEventListener(type, () => (isTouching = type === "touchstart"), { capture: true });
      Object.defineProperty(box, "scrollTop", {
        get: () => own?.get?.call(box),
        set(top: number) {
          if (isTouching) writes += 1;
          own?.set?.call(box, top);
        },
      });
      Object.defineProperty(window, "writesUnderFinger", { get: () => writes });
    });
    const session = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", y?: number): Promise<unknown> =>
      session.send("Input.dispatchTouchEvent", { type, touchPoints: y === undefined ? [] : [{ x: 195, y }] });
    const drag = async (from: number, to: number): Promise<void> => {
      await touch("touchStart", from);
      for (let step = 1; step <= 20; step += 1) await touch("touchMove", from + ((to - from) * step) / 20);
      await touch("touchEnd");
    };
    await drag(300, 550);
    await expectLeftAlone(page);
    for (let drags = 0; drags < 20 && (await jump(page).count()) > 0; drags += 1) await drag(650, 150);
    await expect(jump(page)).toHaveCount(0);
    await expect.poll(() => fromEnd(page)).toBeLessThanOrEqual(1);
    expect(await page.evaluate("window.writesUnderFinger")).toBe(0);
  });
});
