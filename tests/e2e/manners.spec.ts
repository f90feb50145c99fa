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

/** Takes every mouse from the page that is open: after a touch screen that came and went, Chromium looks what there is. */
async function unplugMouse(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setTouchEmulationEnabled", { enabled: true });
  await devtools.send("Emulation.setTouchEmulationEnabled", { enabled: false });
}

const POINTERS = [
  { pointer: "fine", machine: "with a mouse" },
  { pointer: "none", machine: "without a mouse" },
  { pointer: "coarse", machine: "on a tablet" },
] as const;
for (const { pointer, machine } of POINTERS) {
  test.describe(machine, () => {
    test.use({ hasTouch: pointer === "coarse" });

    test("a button that goes with its press hands the keyboard to the composer", async ({ chat, page }) => {
      await chat.open();
      if (pointer === "none") await unplugMouse(page);
      expect(await page.evaluate((value) => matchMedia(`(pointer: ${value})`).matches, pointer)).toBe(true);
      // Longer than the test, however slow the machine.
      await chat.begin("count 5000 100");
      await chat.send("echo queued");
      // Until the server has it, "Edit" takes the message back instead; only a queued one can be withdrawn.
      await expect(page.getByRole("button", { name: "Withdraw" })).toBeVisible();
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
  });
}

test("an archived session takes its menu away, and hands the keyboard to the composer", async ({
  chat,
  page,
}) => {
  await chat.open();
  await chat.begin("echo one");
  const row = chat.sessions.getByRole("listitem").first();
  await row.getByRole("button", { name: "Session options" }).press("Enter");
  await page.getByRole("menuitem", { name: "Archive" }).press("Enter");
  await expect(chat.sessions.getByRole("listitem")).toHaveCount(0);
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

test("Escape closes the streams panel and gives the focus back", async ({ chat, page }) => {
  await chat.open();
  await page.getByRole("button", { name: "Streams", exact: true }).press("Enter");
  await expect(page.getByRole("button", { name: "Close panel" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("complementary", { name: "Streams" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Streams", exact: true })).toBeFocused();
});

test("Escape closes a dialog, each time, and gives the focus back", async ({ chat, page }) => {
  await chat.open();
  const settings = page.getByRole("button", { name: "Settings" });
  for (const time of ["first", "second"]) {
    await settings.press("Enter");
    await page.getByRole("menuitem", { name: "Clear this browser…" }).press("Enter");
    await expect(page.getByRole("button", { name: "Cancel" })).toBeFocused();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog"), time).toHaveCount(0);
    await expect(settings, time).toBeFocused();
  }
});

test("who has no model yet is told how to begin, in front of an empty page", async ({ chat, page }) => {
  await chat.open();
  await expect(page.getByText("OPENAI_BASE_URL")).toBeVisible();
  await chat.send("approve");
  await expect(page.getByText("Waits for you")).toBeVisible();
  await expect(page.getByText("OPENAI_BASE_URL")).toHaveCount(0);
  await chat.begin("ask");
  await expect(page.getByRole("button", { name: "Tea" })).toBeVisible();
  await expect(page.locator('[data-growing="true"]')).toHaveCount(0);
});

test("text runs as its letters do", async ({ chat, page }) => {
  await chat.open();
  await chat.send("echo مرحبا بالعالم");
  await expect(chat.answers.first()).not.toHaveAttribute("aria-busy", "true", { timeout: 20_000 });
  const gaps = await page.locator('[data-part="text"] p').evaluate((paragraph) => {
    const box = paragraph.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(paragraph);
    const text = range.getBoundingClientRect();
    return { left: text.left - box.left, right: box.right - text.right };
  });
  expect(gaps.right).toBeLessThan(2);
  expect(gaps.left).toBeGreaterThan(20);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("a finger finds every button", async ({ chat, page }) => {
    await chat.open();
    await chat.send("think 60");
    await chat.send("echo queued");
    await expect(page.getByRole("button", { name: "Withdraw" })).toBeVisible();
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("button, select, summary")]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }))
        .map((element) => ({ name: element.textContent, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.width < 40 || box.height < 40)
        .map(({ name, box }) => `${name} ${box.width}x${box.height}`),
    );
    expect(small).toEqual([]);
  });

  test("a tap brings up no keyboard over what is read", async ({ chat, page }) => {
    await chat.open();
    await chat.send("count 5000 100");
    await page.getByRole("button", { name: "Stop" }).tap();
    await expect(page.getByText("Stopped.", { exact: true })).toBeVisible();
    expect(await focused(page)).not.toBe("Message");
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`the faintest text can be read on every ground, ${colorScheme}`, async ({ chat, page }) => {
    await page.emulateMedia({ colorScheme });
    await chat.open();
    const ratios = await page.evaluate(() => {
      const probe = document.body.appendChild(document.createElement("span"));
      const luminance = (name: string): number => {
        probe.style.color = `var(${name})`;
        const [red = 0, green = 0, blue = 0] = [...getComputedStyle(probe).color.matchAll(/\d+/g)]
          .map(([digits]) => Number(digits) / 255)
          .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      return ["--bg", "--surface", "--surface-sunk", "--surface-hover"].map((ground) => {
        const [dark = 0, light = 0] = [luminance(ground), luminance("--text-faint")].toSorted(
          (a, b) => a - b,
        );
        return (light + 0.05) / (dark + 0.05);
      });
    });
    for (const ratio of ratios) expect(ratio).toBeGreaterThanOrEqual(4.5);
  });
}
