import { chromium, type Page } from "@playwright/test";
import { findBrowser } from "../tests/support/browsers.ts";
import { Holdfast } from "../tests/support/holdfast-process.ts";

/** Switches measured of each kind. */
const ROUNDS = 30;
const SESSIONS = 6;
const MESSAGES = 20;

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function report(what: string, unit: string, values: readonly number[], target: string): void {
  const figure = (q: number): string => quantile(values, q).toFixed(1);
  console.log(
    `  ${what.padEnd(46)} median ${figure(0.5)} ${unit}, p95 ${figure(0.95)} ${unit}  (target: ${target})`,
  );
}

async function api(holdfast: Holdfast, method: string, path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${holdfast.directUrl}/api${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}

/** Sessions with some history; the texts name their session, so that the page can tell whose text is painted. */
async function seed(holdfast: Holdfast): Promise<string[]> {
  const sessions: string[] = [];
  for (let index = 0; index < SESSIONS; index++) {
    const sid = crypto.randomUUID();
    sessions.push(sid);
    await api(holdfast, "PUT", `/sessions/${sid}`, { title: `session ${index}`, agent: "demo" });
    for (let turn = 0; turn < MESSAGES; turn++) {
      await api(holdfast, "POST", `/sessions/${sid}/turns`, {
        id: crypto.randomUUID(),
        text: `echo answer ${turn} of session ${index} ${"and some more words ".repeat(20)}`,
      });
    }
  }
  for (const sid of sessions) {
    for (;;) {
      const outcomes = (await holdfast.logTexts(sid)).map((turn) => turn.outcome);
      if (outcomes.length === MESSAGES && outcomes.every((outcome) => outcome === "complete")) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return sessions;
}

/** Frames, and ms, from the click to the text of that session being in the page. Measured within the page. */
async function switchTo(page: Page, sid: string, marker: string): Promise<{ frames: number; ms: number }> {
  return page.evaluate(
    async ({ sid: target, marker: words }) => {
      const link = document.querySelector<HTMLAnchorElement>(`a[href="/s/${target}"]`);
      if (link === null) throw new Error(`no link to ${target}`);
      const isPainted = (): boolean =>
        document.querySelector('[role="log"]')?.textContent?.includes(words) ?? false;
      const begun = performance.now();
      link.click();
      for (let frames = 0; frames < 600; frames++) {
        if (isPainted()) return { frames, ms: performance.now() - begun };
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      throw new Error(`never painted: ${words}`);
    },
    { sid, marker },
  );
}

const holdfast = await Holdfast.start();
const executablePath = findBrowser("chromium");
const browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: ["--no-sandbox", "--disable-background-networking"],
});
try {
  const sessions = await seed(holdfast);
  const page = await browser.newPage({ baseURL: holdfast.url });
  await page.goto(`/s/${sessions[0]}`);
  const marker = (index: number): string => `answer ${MESSAGES - 1} of session ${index}`;
  const visit = async (index: number): Promise<{ frames: number; ms: number }> =>
    switchTo(page, sessions[index] ?? "", marker(index));
  const pause = (ms: number): Promise<void> => page.waitForTimeout(ms);

  for (let index = 0; index < SESSIONS; index++) {
    await visit(index);
    await page.getByRole("status", { name: "Connection" }).filter({ hasText: /^Live/ }).waitFor();
    await pause(700);
  }

  const memory: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    memory.push((await visit(round % SESSIONS)).frames);
    await pause(50);
  }
  report("recently seen: click to text painted", "frames", memory, "p95 ≤ 2");

  const disk: number[] = [];
  for (let round = 0; round < ROUNDS / 3; round++) {
    const index = 1 + (round % (SESSIONS - 1));
    await page.goto(`/s/${sessions[0]}`);
    await page.waitForFunction((words) => document.body.textContent?.includes(words) ?? false, marker(0));
    await pause(200);
    disk.push((await visit(index)).ms);
  }
  report("from disk: click to text painted", "ms", disk, "≤ 100");

  // One session keeps running; each return to it must bring a token that was not there before.
  const running = sessions[0] ?? "";
  await visit(0);
  await api(holdfast, "POST", `/sessions/${running}/turns`, {
    id: crypto.randomUUID(),
    text: "count 20000 5",
  });
  // From here on the last text of the page is the running answer's, not that of the one before it.
  await page.getByText("1 2 3 4 5").last().waitFor();
  const live: number[] = [];
  for (let round = 0; round < ROUNDS / 3; round++) {
    await visit(1);
    await pause(300);
    live.push(
      await page.evaluate(async (sid) => {
        const last = (): string => {
          const texts = document.querySelectorAll('[role="log"] [data-part="text"]');
          return texts[texts.length - 1]?.textContent ?? "";
        };
        const link = document.querySelector<HTMLAnchorElement>(`a[href="/s/${sid}"]`);
        const begun = performance.now();
        link?.click();
        await new Promise((resolve) => requestAnimationFrame(resolve));
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const shown = last().length;
        while (last().length <= shown) {
          if (performance.now() - begun > 10_000) throw new Error("never went on");
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        return performance.now() - begun;
      }, running),
    );
  }
  report("still running: click to the next new token", "ms", live, "≤ 300");
} finally {
  await browser.close();
  await holdfast.stop();
}
