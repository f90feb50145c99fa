import { ChatPage } from "./chat-page.ts";
import { countText } from "./demo-texts.ts";
import { expect, openSources, test } from "./harness.ts";

test("first run: a new user sees the demo agent stream with nothing configured", async ({
  chat,
  page,
  holdfast,
}) => {
  await chat.open();
  await expect(page.getByRole("combobox", { name: "Agent" })).toContainText(/demo/i);
  const session = await chat.begin("count 40 20");
  await expect(chat.answers).toHaveCount(1);
  await expect(chat.answers.first()).toHaveAttribute("aria-busy", "true");
  await expect(chat.answerText()).toHaveText(countText(40));
  await expect(chat.answers.first()).not.toHaveAttribute("aria-busy", "true");
  await expect(chat.connection).toHaveText(/^Live/);
  // The title comes from the first message.
  await expect(chat.sessions.getByRole("link", { name: "count 40 20" })).toHaveAttribute(
    "aria-current",
    "page",
  );
  expect((await holdfast.logTexts(session)).map((turn) => turn.text)).toEqual([countText(40)]);
});

test("switching away and back mid-stream goes on exactly where it was", async ({ chat, page }) => {
  await chat.open();
  const long = await chat.begin("count 150 20");
  await expect(chat.answerText()).toContainText("1 2 3 4 5");
  const other = await chat.begin("echo the other session");
  await expect(chat.answerText()).toHaveText("the other session");
  expect(await openSources(page)).toBe(1);
  await chat.switchTo(long);
  // What was shown is there at once, and grows on.
  await expect(chat.answerText()).toContainText("1 2 3 4 5");
  await expect(chat.answers.first()).toHaveAttribute("aria-busy", "true");
  await expect(chat.answerText()).toHaveText(countText(150));
  await chat.switchTo(other);
  await expect(chat.answerText()).toHaveText("the other session");
  await expect(chat.answers).toHaveCount(1);
});

test("an answer that ends while another session is viewed is whole on return", async ({ chat, holdfast }) => {
  await chat.open();
  const away = await chat.begin("count 60 15");
  await expect(chat.answerText()).toContainText("1 2 3");
  await chat.begin("echo elsewhere");
  await expect
    .poll(async () => (await holdfast.logTexts(away))[0]?.outcome, { timeout: 20_000 })
    .toBe("complete");
  await chat.switchTo(away);
  await expect(chat.answerText()).toHaveText(countText(60));
  await expect(chat.answers).toHaveCount(1);
  await expect(chat.answers.first()).not.toHaveAttribute("aria-busy", "true");
});

test("thirty random switches over six streaming sessions lose, double and mix nothing", async ({
  chat,
  page,
  holdfast,
}) => {
  await chat.open();
  const sessions: { id: string; n: number }[] = [];
  for (let index = 0; index < 6; index++) {
    const n = 200 + index;
    sessions.push({ id: await chat.begin(`count ${n} 30`), n });
  }
  // A fixed walk that looks random: the run must be the same every time.
  let walk = 7;
  for (let step = 0; step < 30; step++) {
    walk = (walk * 1103515245 + 12345) % 2147483648;
    const target = sessions[walk % sessions.length];
    if (target === undefined) throw new Error("no session");
    await chat.switchTo(target.id);
    expect(await openSources(page)).toBeLessThanOrEqual(1);
    const shown = (await chat.answerText().textContent({ timeout: 5_000 })) ?? "";
    expect(countText(target.n).startsWith(shown.trim())).toBe(true);
  }
  for (const { id, n } of sessions) {
    await chat.switchTo(id);
    await expect(chat.answerText()).toHaveText(countText(n), { timeout: 20_000 });
    await expect(chat.answers).toHaveCount(1);
    expect((await holdfast.logTexts(id)).map((turn) => turn.text)).toEqual([countText(n)]);
  }
  expect(await openSources(page)).toBeLessThanOrEqual(1);
});

test("a session opens though the list is put in another order between the press and the release", async ({
  chat,
  page,
  context,
}) => {
  await chat.open();
  const ids: string[] = [];
  for (const word of ["first", "second", "third"]) {
    ids.push(await chat.begin(`echo ${word}`));
    await expect(chat.answerText()).toHaveText(word);
  }
  const [first = "", second = ""] = ids;
  const link = chat.sessions.locator(`a[href="/s/${second}"]`);
  await link.hover();
  await page.mouse.down();
  const other = new ChatPage(await context.newPage());
  await other.open(`/s/${first}`);
  const rowOf = (chatPage: ChatPage) =>
    chatPage.sessions.getByRole("listitem").filter({ has: chatPage.page.locator(`a[href="/s/${first}"]`) });
  await rowOf(other).hover();
  await rowOf(other).getByRole("button", { name: "Session options" }).click();
  await other.page.getByRole("menuitem", { name: "Pin" }).click();
  await expect(rowOf(chat).getByTitle("Pinned")).toBeVisible();
  await page.mouse.up();
  await expect(page).toHaveURL(new RegExp(`/s/${second}$`));
  // Then it takes the order that it has by now.
  await expect(chat.sessions.getByRole("listitem").first().locator("a")).toHaveAttribute(
    "href",
    `/s/${first}`,
  );
});

test("reasoning and answer are both restored after a switch", async ({ chat, page, holdfast }) => {
  await chat.open();
  const thinking = await chat.begin("think 40");
  const reasoning = page.locator('[data-part="reasoning"]').first();
  await expect(reasoning).toBeAttached();
  await chat.begin("echo elsewhere");
  await chat.switchTo(thinking);
  await expect
    .poll(async () => (await holdfast.logTexts(thinking))[0]?.outcome, { timeout: 30_000 })
    .toBe("complete");
  const [turn] = await holdfast.logTexts(thinking);
  const words = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
  await expect
    .poll(async () => words((await reasoning.textContent()) ?? ""))
    .toContain(words(turn?.reasoning ?? "missing").slice(-40));
  const shown = words((await reasoning.textContent()) ?? "");
  const steps = [...(turn?.reasoning ?? "").matchAll(/\d+/g)].map(String).join(" ");
  expect([...shown.matchAll(/\d+/g)].map(String).join(" ")).toContain(steps);
  await expect(chat.answers.first()).not.toHaveAttribute("aria-busy", "true");
  // Folded by now; what is found in it opens it.
  await expect(reasoning).toBeHidden();
  await page.keyboard.press("Control+f");
  await page.getByRole("searchbox", { name: "Find in conversation" }).fill("Step 33:");
  await expect(reasoning).toBeVisible();
});

test("deleting one session leaves another streaming", async ({ chat, page, holdfast }) => {
  await chat.open();
  const doomed = await chat.begin("count 500 30");
  await expect(chat.answerText()).toContainText("1 2 3");
  const kept = await chat.begin("count 120 30");
  await chat.deleteSession("count 500 30");
  await expect(chat.sessions.locator(`a[href="/s/${doomed}"]`)).toHaveCount(0);
  await expect(chat.answerText()).toHaveText(countText(120), { timeout: 20_000 });
  // After the time to undo it is gone from the server too, and stays gone after a reload.
  await expect
    .poll(async () => (await fetch(`${holdfast.directUrl}/api/sessions/${doomed}`)).status, {
      timeout: 20_000,
    })
    .toBe(410);
  await page.reload();
  await expect(chat.sessions.locator(`a[href="/s/${kept}"]`)).toHaveCount(1);
  await expect(chat.sessions.locator(`a[href="/s/${doomed}"]`)).toHaveCount(0);
});

test("a message queued in one session lands there, whichever session is viewed when it runs", async ({
  chat,
  holdfast,
}) => {
  await chat.open();
  const first = await chat.begin("count 100 30");
  await expect(chat.answerText()).toContainText("1 2 3");
  await chat.send("echo meant for the first");
  const second = await chat.begin("echo second");
  await expect(chat.answerText()).toHaveText("second");
  await expect
    .poll(async () => (await holdfast.logTexts(first)).map((turn) => turn.text), { timeout: 20_000 })
    .toEqual([countText(100), "meant for the first"]);
  expect((await holdfast.logTexts(second)).map((turn) => turn.text)).toEqual(["second"]);
  await expect(chat.answers).toHaveCount(1);
  await chat.switchTo(first);
  await expect(chat.answerText(1)).toHaveText("meant for the first");
});

test("a switch while a slow send is on its way leaves no ghost in the other session", async ({
  chat,
  holdfast,
}) => {
  await chat.open();
  const first = await chat.begin("echo one");
  await expect(chat.answerText()).toHaveText("one");
  const second = await chat.begin("echo two");
  await expect(chat.answerText()).toHaveText("two");
  holdfast.proxy.delayMs = 1_500;
  await chat.send("echo three");
  await chat.switchTo(first);
  await expect(chat.answerText()).toHaveText("one");
  await expect(chat.page.getByText("three")).toHaveCount(0);
  await expect
    .poll(async () => (await holdfast.logTexts(second)).map((turn) => turn.text), { timeout: 20_000 })
    .toEqual(["two", "three"]);
  await expect(chat.page.getByText("three")).toHaveCount(0);
  await expect(chat.answers).toHaveCount(1);
  await chat.switchTo(second);
  await expect(chat.answerText(1)).toHaveText("three", { timeout: 20_000 });
  await expect(chat.answers).toHaveCount(2);
  expect((await holdfast.logTexts(first)).map((turn) => turn.text)).toEqual(["one"]);
});

test("returning in mid-stream shows the answers before the running one at once", async ({ chat }) => {
  await chat.open();
  const session = await chat.begin("echo the first answer");
  await expect(chat.answerText()).toHaveText("the first answer");
  await chat.send("count 300 30");
  await expect(chat.answerText(1)).toContainText("1 2 3");
  await chat.begin("echo elsewhere");
  await expect(chat.answerText()).toHaveText("elsewhere");
  await chat.switchTo(session);
  await expect(chat.answerText(0)).toHaveText("the first answer");
  await expect(chat.answerText(1)).toContainText("1 2 3");
  await expect(chat.answers.nth(1)).toHaveAttribute("aria-busy", "true");
});

test("a long answer that one comes back to stands there in the next frame, whole and at its end", async ({
  chat,
  page,
}) => {
  await chat.open();
  const long = await chat.begin("long 60");
  await expect(chat.answers.first()).toHaveAttribute("aria-busy", "false");
  const before = await chat.answerText().textContent();
  const other = await chat.begin("echo the other session");
  await expect(chat.answerText()).toHaveText("the other session");
  // Within the page, so that no round trip is waited for.
  const seen = await page.evaluate(async (sid) => {
    const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    document.querySelector<HTMLAnchorElement>(`a[href="/s/${sid}"]`)?.click();
    await frame();
    const log = document.querySelector('[role="log"]');
    const read = (): { text: string; fromEnd: number } => ({
      text: [...document.querySelectorAll('[role="log"] [data-part="text"]')].at(-1)?.textContent ?? "",
      fromEnd: log === null ? -1 : log.scrollHeight - log.clientHeight - log.scrollTop,
    });
    const atOnce = read();
    const fromEnds: number[] = [];
    for (let at = 0; at < 40; at += 1) {
      await frame();
      // Behind layout and paint, where what came in above has been taken into account.
      await new Promise((resolve) => setTimeout(resolve));
      fromEnds.push(read().fromEnd);
    }
    const left = document.querySelectorAll(
      '[role="log"] :is(.prose, .prose *)[style]:not([style=""])',
    ).length;
    return { atOnce, farthest: Math.max(...fromEnds), left };
  }, long);
  expect(seen.atOnce.text).toBe(before);
  expect(seen.atOnce.fromEnd).toBeLessThanOrEqual(1);
  // All of it is laid out by and by, and the end stays in sight.
  expect([seen.farthest <= 1, seen.left]).toEqual([true, 0]);
  await chat.switchTo(other);
  await expect(chat.answerText()).toHaveText("the other session");
  // Who moves far up before all is laid out finds words there as well.
  const found = await page.evaluate(async (sid) => {
    const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    document.querySelector<HTMLAnchorElement>(`a[href="/s/${sid}"]`)?.click();
    await frame();
    const log = document.querySelector('[role="log"]');
    if (log === null) return undefined;
    const place = log.getBoundingClientRect();
    // Between two frames: a move of his is told of before anything else of the frame.
    await new Promise((resolve) => setTimeout(resolve));
    log.dispatchEvent(new WheelEvent("wheel", { deltaY: -100 }));
    log.scrollTop = log.scrollHeight / 3;
    // Behind the scroll event's frame, and behind layout and paint, where what came in above has been taken into account.
    await frame();
    await frame();
    await new Promise((resolve) => setTimeout(resolve));
    const bands = [0.25, 0.5, 0.75].map((share) => place.top + share * place.height);
    const elements = [...log.querySelectorAll(".prose > :not(.md-group), .md-group > :not(.md-group)")];
    const blocks = elements.map((block) => block.getBoundingClientRect());
    const isWritten = (y: number): boolean =>
      blocks.some(({ top, bottom, height }) => height > 0 && top - 40 < y && y < bottom + 40);
    const isUp = log.scrollTop < log.scrollHeight / 2;
    const read = blocks.findIndex(({ bottom }) => bottom > place.top + 1);
    // Until all of it is laid out.
    for (let at = 0; at < 40; at += 1) await frame();
    await new Promise((resolve) => setTimeout(resolve));
    const movedPx = (elements[read]?.getBoundingClientRect().top ?? 0) - (blocks[read]?.top ?? 0);
    return { isUp, isWritten: bands.map(isWritten), isMoved: Math.abs(movedPx) > 1 };
  }, long);
  expect(found).toEqual({ isUp: true, isWritten: [true, true, true], isMoved: false });
});
