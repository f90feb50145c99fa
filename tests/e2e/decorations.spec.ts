import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./harness.ts";

const FENCE = "```";

/** Code whose last line is not ended for as long as the answer runs. */
const CODE = `/* one\ntwo */ const a = "x";\nlet b = 1;\n`;

function figure(page: Page, name: string): Locator {
  return page.getByRole("figure", { name: `Code: ${name}` });
}

/** Violations of the page's policy, the frame's own excepted. */
async function watchPolicy(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const seen: string[] = [];
    addEventListener("securitypolicyviolation", (event) => {
      seen.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
    });
    Object.defineProperty(globalThis, "policyViolations", { value: seen });
  });
  return () => page.evaluate("globalThis.policyViolations");
}

test(
  "closed lines get their colours while the answer runs, the open line when it ends; the text stays exact",
  { tag: "@firefox" },
  async ({ chat, page }) => {
    const violations = await watchPolicy(page);
    await chat.open();
    // 5,000 words on the last line: it stays open while the lines before it are coloured.
    await chat.send(`echo ${FENCE}ts title="src/a.ts"\n${CODE}const words = "${"word ".repeat(5_000)}`);
    const code = figure(page, "src/a.ts");
    await expect(code.locator(".tok-comment")).toHaveText(["/* one", "two */"]);
    await expect(code.locator(".tok-keyword")).toHaveText(["const", "let"]);
    await expect(chat.answers.first()).toHaveAttribute("aria-busy", "true");
    expect(await code.locator("code").textContent()).toMatch(
      /^\/\* one\ntwo \*\/ const a = "x";\nlet b = 1;\nconst w/,
    );
    await page.getByRole("button", { name: "Stop" }).click();
    await expect(code.locator(".tok-keyword").first()).toBeVisible();
    expect(await violations()).toEqual([]);
  },
);

test("a selection in code outlives its colours", async ({ chat, page }) => {
  await chat.open();
  await chat.send(
    `echo ${FENCE}ts\nlet first = 1;\nlet second = 2;\nlet third = 3;\n`.concat("word ".repeat(5_000)),
  );
  const code = figure(page, "TypeScript");
  await expect(code.locator("code")).toContainText("third = 3");
  await code.evaluate((element) => {
    const walker = document.createTreeWalker(element.querySelector("code") ?? element, NodeFilter.SHOW_TEXT);
    const find = (word: string): Node => {
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
        if (node.textContent?.includes(word) === true) return node;
      throw new Error(`no ${word}`);
    };
    const from = find("first");
    const to = find("third");
    getSelection()?.setBaseAndExtent(from, 1, to, 2);
  });
  const selected = await page.evaluate(() => String(getSelection()));
  await expect(code.locator(".tok-keyword").first()).toBeVisible();
  expect(await page.evaluate(() => String(getSelection()))).toBe(selected);
  await page.getByRole("button", { name: "Stop" }).click();
});

test("copies code exactly, by the button and by selecting it; wraps long lines and remembers it", async ({
  chat,
  context,
  page,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await chat.open();
  const lines = Array.from({ length: 40 }, (_, index) =>
    index % 5 === 0 ? "" : `\tlet a${index} = "${index}";  `,
  );
  await chat.send(`echo ${FENCE}ts\n${lines.join("\n")}\n${"long ".repeat(100)}\n${FENCE}\n`);
  await expect(chat.answers.first()).not.toHaveAttribute("aria-busy", "true", { timeout: 30_000 });
  const code = figure(page, "TypeScript");
  const source = `${lines.join("\n")}\n${"long ".repeat(100)}`;
  const clipboard = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
  await code.getByRole("button", { name: "Copy code" }).click();
  await expect(code.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await clipboard()).toBe(source);
  await code.evaluate((element) =>
    getSelection()?.selectAllChildren(element.querySelector("code") ?? element),
  );
  await page.keyboard.press("ControlOrMeta+c");
  expect((await clipboard()).replace(/\n$/, "")).toBe(source);

  const wrap = code.getByRole("button", { name: "Wrap long lines" });
  const isWide = (): Promise<boolean> =>
    code.locator("pre").evaluate((element) => element.scrollWidth > element.clientWidth);
  expect(await isWide()).toBe(true);
  await wrap.focus();
  await page.keyboard.press("Enter");
  await expect(wrap).toHaveAttribute("aria-pressed", "true");
  expect(await isWide()).toBe(false);
  await page.reload();
  await expect(wrap).toHaveAttribute("aria-pressed", "true");
});

test("formulas are MathML, and copied as what they were written in", async ({ chat, context, page }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const violations = await watchPolicy(page);
  await chat.open();
  await chat.send("echo So $x^2$ and\n\n$$\n\\frac{1}{2}\n$$\n\nand $\\frac{$ too.\n");
  const answer = chat.answerText();
  await expect(answer.locator("math")).toHaveCount(2);
  await expect(answer.locator("mfrac")).toBeVisible();
  await expect(answer.getByTitle("The formula can't be set")).toHaveText("\\frac{");
  await answer.evaluate((element) => getSelection()?.selectAllChildren(element));
  await page.keyboard.press("ControlOrMeta+c");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.replaceAll(/\s+/g, " ").trim()).toBe("So $x^2$ and $$ \\frac{1}{2} $$ and \\frac{ too.");
  expect(await violations()).toEqual([]);
});

test(
  "a diagram is drawn in a frame without an origin, and what is no diagram is said in words",
  { tag: "@firefox" },
  async ({ chat, page }) => {
    const violations = await watchPolicy(page);
    await chat.open();
    const blocks = [
      "graph LR\n  A[Request] --> B[Answer]",
      "stateDiagram-v2\n  [*] --> Idle",
      "graph LR\n  A --",
    ];
    await chat.send(`echo ${blocks.map((block) => `${FENCE}mermaid\n${block}\n${FENCE}\n`).join("\n")}`);
    await expect(chat.answers.first()).not.toHaveAttribute("aria-busy", "true", { timeout: 30_000 });
    for (const [index, word] of ["Request", "Idle"].entries()) {
      const code = figure(page, "Mermaid").nth(index);
      await code.getByRole("button", { name: "Show diagram" }).click();
      await expect(code.frameLocator("iframe").getByText(word, { exact: true })).toBeVisible({
        timeout: 30_000,
      });
      const frame = code.locator("iframe");
      await expect(frame).toHaveAttribute("sandbox", "allow-scripts");
      await expect
        .poll(() => frame.evaluate((element) => element.getBoundingClientRect().height))
        .toBeGreaterThan(40);
      await code.getByRole("button", { name: "Show code" }).click();
      await expect(code.locator("code")).toBeVisible();
    }
    const bad = figure(page, "Mermaid").nth(2);
    await bad.getByRole("button", { name: "Show diagram" }).click();
    await expect(bad.getByRole("status")).toContainText("This is not a diagram that can be drawn", {
      timeout: 30_000,
    });
    await expect(bad.locator("code")).toBeVisible();

    const frame = page.frames().find((candidate) => candidate.url().endsWith("/diagram.html"));
    const reach = await frame?.evaluate(async () => {
      const outcome = { origin: self.origin, fetched: true, parent: true };
      await fetch("/api/health").catch(() => (outcome.fetched = false));
      try {
        outcome.parent = parent.document !== null;
      } catch {
        outcome.parent = false;
      }
      return outcome;
    });
    expect(reach).toEqual({ origin: "null", fetched: false, parent: false });
    expect(await violations()).toEqual([]);
  },
);

test(
  "a table of many rows is laid out row by row as it was as a whole, also in another window, and stays a table",
  { tag: "@firefox" },
  async ({ chat, page }) => {
    await chat.open();
    // The demo agent takes its time for each word.
    const words = (row: number): string => "many-words-".repeat(1 + (row % 5));
    const rows = Array.from({ length: 66 }, (_, row) => `|${row}|*a*-${words(row)}|${words(row + 1)}|`);
    await chat.send(`echo | n | left | right |\n|-:|-|:-:|\n${rows.join("\n")}\n`);
    const table = page.getByRole("table");
    await expect(table).toHaveClass("md-by-rows");
    await expect(table.getByRole("row")).toHaveCount(67);
    await expect(table.getByRole("cell")).toHaveCount(198);
    /** Where the words of the first 64 rows are, now and as a table of those alone: the same, or which row differs. */
    const difference = (): Promise<string> =>
      table.evaluate((element: HTMLTableElement) => {
        const cells = Array.from(element.querySelectorAll("th, tbody:first-of-type td"));
        const places = (): string[] =>
          cells.map((cell) => {
            const range = document.createRange();
            range.selectNodeContents(cell);
            const { left, top, width, height } = range.getBoundingClientRect();
            const { top: from } = element.getBoundingClientRect();
            return [left, top - from, width, height].map((px) => px.toFixed(0)).join(" ");
          });
        const byRows = places();
        const { className, style } = element;
        const rest = element.querySelector<HTMLElement>("tbody:last-child");
        const { cssText } = style;
        element.className = style.cssText = "";
        if (rest !== null) rest.hidden = true;
        const whole = places();
        if (rest !== null) rest.hidden = false;
        style.cssText = cssText;
        element.className = className;
        const at = whole.findIndex((place, index) => place !== byRows[index]);
        return at < 0 ? "the same" : `cell ${at}: ${byRows[at]} instead of ${whole[at]}`;
      });
    await expect.poll(difference).toBe("the same");
    const row = (): Promise<string> => table.evaluate((element) => element.style.getPropertyValue("--row"));
    const wide = await row();
    await page.setViewportSize({ width: 400, height: 700 });
    await expect.poll(row).not.toBe(wide);
    await expect.poll(difference).toBe("the same");
    const copied = await table.evaluate((element: HTMLTableElement) => {
      getSelection()?.selectAllChildren(element);
      return String(getSelection());
    });
    const seventh = copied.split("\n").find((line) => line.startsWith("7"));
    expect(seventh?.split(/ ?\t/)).toEqual(["7", `a-${words(7)}`, words(8)]);
  },
);
