import { test as base, expect } from "@playwright/test";
import { preview, type PreviewServer } from "vite";
import { ChatPage } from "./chat-page.ts";
import { countText } from "./demo-texts.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

const test = base.extend<{ readonly chat: ChatPage }, { readonly offlineApp: PreviewServer }>({
  offlineApp: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright wants a pattern here
    async ({}, use) => {
      const server = await preview({
        root: ROOT,
        mode: "mock",
        logLevel: "error",
        build: { outDir: "dist-mock" },
        preview: { port: 0, host: "127.0.0.1" },
      });
      await use(server);
      await server.close();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ offlineApp }, use) => use(offlineApp.resolvedUrls?.local[0] ?? ""),
  chat: async ({ page }, use) => use(new ChatPage(page)),
});

test("with no server at all: stream, switch away and back, reload in mid-stream", async ({ chat, page }) => {
  await chat.open();
  const counting = await chat.begin("count 300 30");
  await expect(chat.answerText()).toContainText("1 2 3 4 5");
  await chat.begin("echo elsewhere");
  await expect(chat.answerText()).toHaveText("elsewhere");
  await chat.switchTo(counting);
  await expect(chat.answers.first()).toHaveAttribute("aria-busy", "true");
  await page.reload();
  await expect(chat.answerText()).toContainText("1 2 3 4 5");
  await expect(chat.answerText()).toHaveText(countText(300), { timeout: 30_000 });
  await expect(chat.answers).toHaveCount(1);
  await page.reload();
  await expect(chat.answerText()).toHaveText(countText(300));
});

test("under the policy of this build formulas are set, code is coloured and a diagram is drawn", async ({
  chat,
  page,
}) => {
  await page.addInitScript(() => {
    const seen: string[] = [];
    addEventListener("securitypolicyviolation", (event) => {
      seen.push(`${event.effectiveDirective} ${event.blockedURI}`);
    });
    Object.defineProperty(globalThis, "policyViolations", { value: seen });
  });
  await chat.open();
  const fence = "```";
  await chat.begin(
    `echo $x^2$\n\n${fence}ts\nlet a = 1;\n${fence}\n\n${fence}mermaid\ngraph LR\n  A[Request] --> B[Answer]\n${fence}\n`,
  );
  const answer = chat.answerText();
  await expect(answer.locator("msup")).toBeVisible();
  await expect(answer.locator(".tok-keyword").first()).toHaveText("let");
  const code = page.getByRole("figure", { name: "Code: Mermaid" });
  await code.getByRole("button", { name: "Show diagram" }).click();
  const drawn = code.frameLocator("iframe").getByText("Request", { exact: true });
  await expect(drawn).toBeVisible({ timeout: 30_000 });
  expect(await page.evaluate("globalThis.policyViolations")).toEqual([]);
});

test("every fault of the panel leaves the exact text", async ({ chat, page }) => {
  test.setTimeout(150_000);
  await chat.open();
  await chat.begin("echo ready");
  await expect(chat.answerText()).toHaveText("ready");
  await page.getByRole("button", { name: "Mock", exact: true }).click();
  const faults = page.getByRole("region", { name: "Mock faults" });
  const press = (name: string): Promise<void> => faults.getByRole("button", { name }).click();
  const provoke: readonly (() => Promise<void>)[] = [
    () => press("Drop streams"),
    () => press("Truncate frame"),
    async () => {
      await press("502 on next requests");
      await press("Drop streams");
    },
    async () => {
      await press("Wrong epoch on next stream");
      await press("Drop streams");
    },
    () => press("Restart backend"),
    () => faults.getByLabel("Duplicate frames").check(),
    () => faults.getByLabel("Reorder frames").check(),
    () => faults.getByLabel("Slow line").check(),
  ];
  let before = "ready";
  for (const [index, fault] of provoke.entries()) {
    // On the slow line, the last, every block of the stream takes 0.8 s: there a few must do.
    const isSlow = index === provoke.length - 1;
    const n = isSlow ? 8 : 100 + index;
    await chat.send(`count ${n} ${isSlow ? 200 : 20}`);
    // The latest one, for what is screens away is not in the page.
    await expect(chat.answerText()).not.toHaveText(before);
    await expect(chat.answerText()).toContainText("1 2 3");
    await fault();
    await expect(chat.answerText()).toHaveText(countText(n), { timeout: 30_000 });
    before = countText(n);
    for (const lasting of await faults.getByRole("checkbox").all()) await lasting.uncheck();
  }
});
