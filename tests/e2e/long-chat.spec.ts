import type { Page } from "@playwright/test";
import { RARE_WORD, seedLongSession, type LongSession } from "../support/long-session.ts";
import { expect, test as base } from "./harness.ts";

const TURNS = 5_000;
/** Enough for several pages and for every kind of gap, few enough to be scrolled through. */
const SCROLLED_TURNS = 150;
/** Far more than the groups near one screen hold; far less than the conversation. */
const MAX_MOUNTED_ROWS = 200;

const test = base.extend<{ readonly turnCount: number; readonly long: LongSession }>({
  turnCount: [TURNS, { option: true }],
  long: async ({ holdfast, turnCount }, use) => {
    await holdfast.kill();
    const long = await seedLongSession(holdfast.dataDir, turnCount);
    await holdfast.startServer();
    await use(long);
  },
});

const mountedRows = (page: Page): Promise<number> => page.locator(".turn-row").count();
const scroller = (page: Page) => page.getByRole("log", { name: "Conversation" });
const fromEnd = (page: Page): Promise<number> =>
  scroller(page).evaluate((box) => box.scrollHeight - box.clientHeight - box.scrollTop);

/** The first row that is seen, and how far below the upper edge it stands. */
function reading(page: Page): Promise<{ readonly row: string; readonly top: number }> {
  return scroller(page).evaluate((box) => {
    const edge = box.getBoundingClientRect().top;
    for (const row of box.querySelectorAll<HTMLElement>(".turn-row")) {
      const rect = row.getBoundingClientRect();
      if (rect.bottom > edge + 1) return { row: row.dataset["row"] ?? "", top: Math.round(rect.top - edge) };
    }
    return { row: "", top: 0 };
  });
}

test("10,000 messages open at their end at once, with few of them in the page, and stream pinned", async ({
  chat,
  page,
  long,
}) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).search));
  await chat.open(`/s/${long.id}`);
  await expect(page.getByText(long.turns.at(-1)?.question ?? "")).toBeInViewport();
  expect(await fromEnd(page)).toBeLessThanOrEqual(1);
  expect(await mountedRows(page)).toBeLessThan(MAX_MOUNTED_ROWS);
  expect(asked.filter((query) => query.includes("before="))).toEqual([]);
  await chat.send("count 300 5");
  await expect(chat.answerText()).toContainText("1 2 3");
  for (let looks = 0; looks < 10; looks += 1) {
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    expect(await fromEnd(page)).toBeLessThanOrEqual(1);
  }
  await expect(chat.answers.last()).not.toHaveAttribute("aria-busy", "true");
  await expect.poll(() => fromEnd(page)).toBeLessThanOrEqual(1);
  expect(await mountedRows(page)).toBeLessThan(MAX_MOUNTED_ROWS);
});

test("a link to a turn that is not loaded brings it into sight, and the address forgets it", async ({
  chat,
  page,
  long,
}) => {
  const [first, , third] = long.turns;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).search));
  await chat.open(`/s/${long.id}#t=${third?.id ?? ""}`);
  await expect(page.getByText(third?.question ?? "")).toBeInViewport();
  expect(await mountedRows(page)).toBeLessThan(MAX_MOUNTED_ROWS);
  expect(new URL(page.url()).hash).toBe("");
  await expect(page.getByText(first?.question ?? "")).toBeAttached();
  // It comes with what stands around it; what lies between is left out until somebody comes near.
  const pages = (): number => asked.filter((query) => /(?:before|from)=/.test(query)).length;
  expect(pages()).toBe(2);
  const gap = page.locator(".missing-turns");
  await expect(gap).toBeAttached();
  const jumpTo = async (at: number): Promise<void> => {
    const turn = long.turns.at(at);
    await page.evaluate((id) => (location.hash = `#t=${id}`), turn?.id ?? "");
    await expect(page.getByText(turn?.question ?? "")).toBeInViewport();
    await expect.poll(async () => (await reading(page)).row).toBe(turn?.id);
  };
  await jumpTo(120);
  await expect.poll(pages).toBe(3);
  await jumpTo(150);
  expect(pages()).toBe(3);
  // From the other side what is wanted meets what is there.
  await jumpTo(-51);
  await expect(gap).toHaveCount(0);
  await page.getByRole("button", { name: "Jump to latest" }).click();
  await expect(page.getByText(long.turns.at(-1)?.question ?? "")).toBeInViewport();
  await expect.poll(() => fromEnd(page)).toBeLessThanOrEqual(1);
});

test("a search finds a word in a turn that is not loaded, goes there and marks it", async ({
  chat,
  page,
  long,
  context,
}) => {
  await chat.open(`/s/${long.id}`);
  await expect(page.getByText(long.turns.at(-1)?.question ?? "")).toBeInViewport();
  await page.keyboard.press("Control+f");
  const field = page.getByRole("searchbox", { name: "Find in conversation" });
  await expect(field).toBeFocused();
  // While an answer streams it works all the same.
  await chat.send("count 400 10");
  await field.fill(RARE_WORD);
  const count = page.locator(".search-count");
  await expect(count).toHaveText("1 found");
  await field.press("Enter");
  await expect(count).toHaveText("1 of 1");
  const sentence = page.getByText(RARE_WORD.toUpperCase());
  await expect(sentence).toBeInViewport();
  expect(await mountedRows(page)).toBeLessThan(MAX_MOUNTED_ROWS);
  const marked = await page.evaluate(() => [...(CSS.highlights.get("found-current") ?? [])].map(String));
  expect(marked).toEqual([RARE_WORD.toUpperCase()]);
  await field.fill("question 500:");
  await expect(count).toHaveText("1 found");
  await field.press("Enter");
  await expect(page.getByText(long.turns[499]?.question ?? "")).toBeInViewport();
  // What is loaded by now is gone to while one types.
  await context.setOffline(true);
  await field.fill("question 577:");
  await expect(count).toHaveText("1 of 1");
  await context.setOffline(false);
  await field.press("Escape");
  await expect(field).toBeHidden();
});

test.describe("a chat of some pages", () => {
  test.use({ turnCount: SCROLLED_TURNS });

  test("scrolling through all of it shows every turn once and in order, and never moves what is read", async ({
    chat,
    page,
    long,
  }) => {
    await chat.open(`/s/${long.id}`);
    await expect(page.getByText(long.turns.at(-1)?.question ?? "")).toBeInViewport();
    const seen = await scroller(page).evaluate(async (box) => {
      const frame = (): Promise<void> =>
        new Promise((resolve) => {
          // Behind the paint: what is corrected between layout and paint was never seen.
          requestAnimationFrame(() => setTimeout(resolve));
        });
      const rowAtEdge = (): { key: string; top: number } | undefined => {
        const edge = box.getBoundingClientRect().top;
        for (const row of box.querySelectorAll<HTMLElement>(".turn-row")) {
          const rect = row.getBoundingClientRect();
          if (rect.top >= edge + box.clientHeight) return undefined;
          if (rect.bottom > edge + 1) return { key: row.dataset["row"] ?? "", top: rect.top - edge };
        }
        return undefined;
      };
      const topOf = (key: string): number | undefined => {
        const row = box.querySelector(`.turn-row[data-row="${key}"]`);
        return row === null ? undefined : row.getBoundingClientRect().top - box.getBoundingClientRect().top;
      };
      const keys = new Set<string>();
      const faults: string[] = [];
      let stillAtTop = 0;
      for (let step = 0; step < 2_000 && stillAtTop < 30; step += 1) {
        // A wheel's own manner, so that nothing is written while it goes on.
        box.dispatchEvent(new WheelEvent("wheel", { deltaY: -1 }));
        box.scrollTop -= 1.5 * box.clientHeight;
        await frame();
        const before = rowAtEdge();
        const wasAtTop = box.scrollTop === 0;
        for (let wait = 0; wait < 2; wait += 1) await frame();
        // The same row: on a slow machine the one above it may be mounted only now, in the gap that held its place.
        const top = before === undefined ? undefined : topOf(before.key);
        // At the very top there is nothing to scroll to: room above the first turn that was guessed too large is given up.
        const isClosingUp = wasAtTop && top !== undefined && top < (before?.top ?? 0);
        if (before !== undefined && !isClosingUp && Math.abs((top ?? Infinity) - before.top) > 2) {
          faults.push(`step ${step}: ${JSON.stringify(before)} went to ${top}`);
        }
        const rows = [...box.querySelectorAll<HTMLElement>(".turn-row")].map(
          (row) => row.dataset["row"] ?? "",
        );
        if (rows.some((key, at) => at > 0 && key <= (rows[at - 1] ?? ""))) faults.push(`order at ${step}`);
        for (const key of rows) keys.add(key);
        const isAtTop = box.scrollTop === 0 && box.querySelector(".load-earlier") === null;
        stillAtTop = isAtTop ? stillAtTop + 1 : 0;
      }
      return { keys: [...keys].toSorted(), faults };
    });
    expect(seen.faults).toEqual([]);
    expect(seen.keys).toEqual(long.turns.map((turn) => turn.id));
  });

  test("content that is lower for a moment between two frames unpins nobody", async ({
    chat,
    page,
    long,
  }) => {
    await chat.open(`/s/${long.id}`);
    await expect(page.getByText(long.turns.at(-1)?.question ?? "")).toBeInViewport();
    await expect.poll(() => page.locator(".unformatted").count()).toBe(0);
    await settled(page);
    const moved = await scroller(page).evaluate(async (box) => {
      const group = [...box.querySelectorAll<HTMLElement>(".turn-group")].at(-1);
      if (group === undefined) throw new Error("There is no group of turns in the page.");
      const before = box.scrollTop;
      // Behind the frame: the scroll event of what happens here would come before anything can correct it.
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      group.style.display = "none";
      const during = box.scrollTop;
      group.style.display = "";
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return { during: during - before, after: box.scrollTop - before };
    });
    expect(moved).toEqual({ during: 0, after: 0 });
    await expect(page.getByRole("button", { name: "Jump to latest" })).toHaveCount(0);
  });

  test("a draft of several lines leaves the end in sight", async ({ chat, page, long }) => {
    await chat.open(`/s/${long.id}`);
    await expect(page.getByText(long.turns.at(-1)?.question ?? "")).toBeInViewport();
    await chat.message.focus();
    for (let line = 0; line < 4; line += 1) {
      await page.keyboard.type("ab");
      await page.keyboard.press("Shift+Enter");
    }
    await page.keyboard.type("ab");
    await settled(page);
    await expect.poll(() => fromEnd(page)).toBeLessThanOrEqual(1);
    await expect(page.getByRole("button", { name: "Jump to latest" })).toHaveCount(0);
  });

  test("keys go from question to question, to the first and to the latest", async ({ chat, page, long }) => {
    await chat.open(`/s/${long.id}`);
    const question = (at: number) => page.getByText(long.turns.at(at)?.question ?? "", { exact: true });
    await expect(question(-1)).toBeInViewport();
    await scroller(page).focus();
    await page.keyboard.press("Alt+Shift+ArrowUp");
    await expect(question(0)).toBeInViewport();
    await page.keyboard.press("Alt+ArrowDown");
    await page.keyboard.press("Alt+ArrowDown");
    await expect.poll(async () => (await reading(page)).row).toBe(long.turns[2]?.id);
    await page.keyboard.press("Alt+ArrowUp");
    await expect.poll(async () => (await reading(page)).row).toBe(long.turns[1]?.id);
    await page.getByRole("button", { name: "Conversation", exact: true }).click();
    await page.getByRole("menuitem", { name: /Latest message/ }).click();
    await expect.poll(() => fromEnd(page)).toBeLessThanOrEqual(1);
    await scroller(page).focus();
    await page.keyboard.press("Home");
    await expect(question(0)).toBeInViewport();
    await page.keyboard.press("End");
    await expect.poll(() => fromEnd(page)).toBeLessThanOrEqual(1);
  });

  test("keys count from where the jump before them ends, also while that is on its way", async ({
    chat,
    page,
    long,
  }) => {
    await chat.open(`/s/${long.id}`);
    await expect(page.getByText(long.turns.at(-1)?.question ?? "")).toBeInViewport();
    await scroller(page).focus();
    const isLoaded = Promise.withResolvers<void>();
    await page.route(/[?&]from=/, async (route) => {
      await isLoaded.promise;
      await route.continue();
    });
    await page.keyboard.press("Alt+Shift+ArrowUp");
    for (const key of ["Down", "Down", "Down", "Up"]) await page.keyboard.press(`Alt+Arrow${key}`);
    isLoaded.resolve();
    await expect.poll(async () => (await reading(page)).row).toBe(long.turns[2]?.id);
    await page.keyboard.press("Alt+Shift+ArrowDown");
    await expect.poll(() => fromEnd(page)).toBeLessThanOrEqual(1);
    // The last ones do not come as far up as the upper edge, and are gone from all the same.
    await page.keyboard.press("Alt+ArrowUp");
    const { row } = await settled(page);
    const at = long.turns.findIndex((turn) => turn.id === row);
    for (const key of ["Down", "Up", "Up", "Up"]) await page.keyboard.press(`Alt+Arrow${key}`);
    await expect.poll(async () => (await reading(page)).row).toBe(long.turns[at - 2]?.id);
  });

  test("a jump to where one has been before ends at that very turn", async ({ chat, page, long }) => {
    await chat.open(`/s/${long.id}`);
    await expect(page.getByText(long.turns.at(-1)?.question ?? "")).toBeInViewport();
    // The second time its group takes the place of a gap as high as itself.
    for (const at of [8, 95, 12, 100, 8, 95, 12, 100]) {
      const turn = long.turns[at];
      await page.evaluate((id) => {
        location.hash = `#t=${id}`;
      }, turn?.id ?? "");
      await expect(page.getByText(turn?.question ?? "")).toBeInViewport();
      await expect.poll(async () => (await reading(page)).row).toBe(turn?.id);
    }
  });

  test(
    "what is read stays over a reload, a rotation and a look at another session",
    { tag: "@firefox" },
    async ({ chat, page, long }) => {
      await chat.open(`/s/${long.id}#t=${long.turns[40]?.id ?? ""}`);
      await expect(page.getByText(long.turns[40]?.question ?? "")).toBeInViewport();
      await scroller(page).hover();
      await page.mouse.wheel(0, 300);
      await expect.poll(async () => (await reading(page)).row).not.toBe("");
      await page.waitForFunction(() => sessionStorage.getItem("holdfast:positions")?.includes('"row"'));
      const before = await settled(page);
      await page.reload();
      await expect.poll(() => isReading(page, before)).toBe(true);
      await page.setViewportSize({ width: 500, height: 900 });
      await expect.poll(async () => (await reading(page)).row).toBe(before.row);
      await page.setViewportSize({ width: 1280, height: 720 });
      await expect.poll(async () => (await reading(page)).row).toBe(before.row);
      const back = await settled(page);
      await chat.begin("echo elsewhere");
      await expect(chat.answerText()).toHaveText("elsewhere");
      await chat.switchTo(long.id);
      await expect.poll(() => isReading(page, back)).toBe(true);
    },
  );
});

/** Positions of a zoomed or scaled page are fractions. */
async function isReading(page: Page, expected: Awaited<ReturnType<typeof reading>>): Promise<boolean> {
  const now = await reading(page);
  return now.row === expected.row && Math.abs(now.top - expected.top) <= 1;
}

/** What is read once it has come to rest. */
async function settled(page: Page): Promise<Awaited<ReturnType<typeof reading>>> {
  let last = await reading(page);
  await expect
    .poll(async () => {
      const now = await reading(page);
      const isSame = now.row === last.row && now.top === last.top;
      last = now;
      return isSame;
    })
    .toBe(true);
  return last;
}
