import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from "@playwright/test";
import { createSqliteStore } from "../../server/sqlite-store.ts";
import { openDataFolder } from "../../server/store/data-folder.ts";
import { findBrowser } from "../../tests/support/browsers.ts";
import { Holdfast } from "../../tests/support/holdfast-process.ts";
import type { Benchmark, Figure, Ratio } from "../harness/benchmark.ts";
import { rowsOf, sessionRecord, SID, turnEvents } from "../server-side/seed.ts";

const EVENTS = 100_000;
/** No task of the page may hold it up longer. Unit: ms. */
const LONGEST_TASK_MS = 100;
const LIMIT_MS = 120_000;
const LAST_WORDS = "these are the last words";

/** How the missed events are shared out. */
interface Shape {
  readonly name: string;
  readonly turns: number;
}

const SHAPES: readonly Shape[] = [
  { name: "one answer", turns: 1 },
  { name: "500 turns", turns: 500 },
];

/** How the page comes to them. */
type Way = "cold open" | "stream from an old cursor" | "follow by pages from an old cursor";
const WAYS: readonly Way[] = ["cold open", "stream from an old cursor", "follow by pages from an old cursor"];

/** One paragraph in eight is a list or code: what an answer is made of. Answers the `index`th delta. */
function delta(index: number): string {
  const word = ["stone ", "river ", "with ", "light ", "under "][index % 5] ?? "";
  if (index % 60 !== 59) return word;
  const kind = Math.floor(index / 60) % 8;
  if (kind === 3) return "\n\n- one\n- two\n- three\n\n";
  if (kind === 6) return "\n\n```js\nconst a = 1;\nconst b = a + 1;\n```\n\n";
  return "\n\n";
}

const record = sessionRecord(SID, "Bench", "demo", 0);

/** Writes to the log while no server holds it. */
async function write(holdfast: Holdfast, events: readonly unknown[], afterSeq: number): Promise<void> {
  const opened = openDataFolder(holdfast.dataDir);
  if (!opened.ok) throw new Error(opened.error);
  const rows = rowsOf(events, afterSeq);
  const appended = { ...record, tail: afterSeq + rows.length };
  await createSqliteStore(opened.value.database).commit([
    ...(afterSeq === 0 ? [{ kind: "create" as const, record }] : []),
    { kind: "append", record: appended, expectedTail: afterSeq, rows },
  ]);
  opened.value.close();
}

/** The events of a turn whose last delta names it. */
function eventsOf(turn: number, count: number): readonly unknown[] {
  const last = count - 4;
  return turnEvents(
    turn,
    count,
    (index) => (index === last ? `\n\n${LAST_WORDS} of ${turn}` : delta(index)),
    "demo",
  );
}

const EARLIER = eventsOf(0, 10);

interface Figures {
  /** From the navigation to the last words and "Live". */
  readonly totalMs: number;
  /** The longest task of the page's main thread: by the wall, and of its own CPU time. */
  readonly longestMs: number;
  readonly longestCpuMs: number;
}

interface Trace {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** The browser's own record of its main thread's tasks: what a `PerformanceObserver` sees, and the CPU time beside it. */
async function traceTasks(
  client: CDPSession,
): Promise<() => Promise<Pick<Figures, "longestMs" | "longestCpuMs">>> {
  const events: Trace[] = [];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Chromium's trace format
  client.on("Tracing.dataCollected", (data) => events.push(...(data.value as unknown as Trace[])));
  await client.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["toplevel", "disabled-by-default-devtools.timeline"] },
  });
  return async () => {
    const done = new Promise((resolve) => client.once("Tracing.tracingComplete", resolve));
    await client.send("Tracing.end");
    await done;
    const mains = new Set(
      events
        .filter((event) => event.name === "thread_name" && event.args?.name === "CrRendererMain")
        .map((event) => `${event.pid} ${event.tid}`),
    );
    const tasks = events.filter(
      (event) => event.ph === "X" && event.name.endsWith("RunTask") && mains.has(`${event.pid} ${event.tid}`),
    );
    if (tasks.length === 0) throw new Error("the trace holds no task of a page");
    const longest = (of: (event: Trace) => number | undefined): number =>
      tasks.reduce((most, event) => Math.max(most, of(event) ?? 0), 0) / 1_000;
    return { longestMs: longest((event) => event.dur), longestCpuMs: longest((event) => event.tdur) };
  };
}

async function isCaughtUp(page: Page, shape: Shape): Promise<void> {
  const words = `${LAST_WORDS} of ${shape.turns}`;
  await page.waitForFunction(
    (wanted) => document.querySelector('[role="log"]')?.textContent?.includes(wanted) ?? false,
    words,
    { timeout: LIMIT_MS, polling: 50 },
  );
  await page
    .getByRole("status", { name: "Connection" })
    .filter({ hasText: /^Live/ })
    .waitFor({ timeout: LIMIT_MS });
}

/** A tab of the same browser that holds every leave to stream: what four streaming tabs are. */
async function takeAllSlots(context: BrowserContext, url: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate(async () => {
    for (let slot = 0; slot < 4; slot += 1) {
      await new Promise<void>((resolve) => {
        void navigator.locks.request(`holdfast:stream-${slot}`, () => {
          resolve();
          return new Promise(() => undefined);
        });
      });
    }
  });
}

async function round(browser: Browser, shape: Shape, way: Way): Promise<Figures> {
  const holdfast = await Holdfast.start();
  const context = await browser.newContext({ baseURL: holdfast.url });
  try {
    const page = await context.newPage();
    await holdfast.kill("SIGTERM");
    await write(holdfast, EARLIER, 0);
    await holdfast.startServer();
    if (way !== "cold open") {
      await page.goto(`/s/${SID}`);
      await page.getByText(`${LAST_WORDS} of 0`).waitFor();
      await page.getByRole("status", { name: "Connection" }).filter({ hasText: /^Live/ }).waitFor();
      await page.goto("/api/health");
    }
    await holdfast.kill("SIGTERM");
    const perTurn = EVENTS / shape.turns;
    const missed = Array.from({ length: shape.turns }, (_, index) => eventsOf(index + 1, perTurn)).flat();
    await write(holdfast, missed, EARLIER.length);
    await holdfast.startServer();
    if (way === "follow by pages from an old cursor") await takeAllSlots(context, "/api/health");
    await page.bringToFront();
    const client = await context.newCDPSession(page);
    const stop = await traceTasks(client);
    const began = performance.now();
    await page.goto(`/s/${SID}`);
    await isCaughtUp(page, shape);
    const totalMs = performance.now() - began;
    // What follows at leisure (disk, the last paint) is the page's own time as well.
    await page.waitForTimeout(1_500);
    return { totalMs, ...(await stop()) };
  } finally {
    await context.close();
    await holdfast.stop();
  }
}

export const benchmark: Benchmark = {
  title: `${EVENTS.toLocaleString("en")} missed events in the app (Chromium): from the navigation to the last words, and the longest task on the way`,
  async run({ rounds, engines }) {
    if (!engines.includes("chromium"))
      return { figures: [], ratios: [], notes: ["Only Chromium tells of its tasks."] };
    const found: Ratio[] = [];
    const figures: Figure[] = [];
    const executablePath = findBrowser("chromium");
    const browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ["--no-sandbox", "--disable-background-networking"],
    });
    try {
      for (const shape of SHAPES) {
        for (const way of WAYS) {
          const taken: Figures[] = [];
          for (let at = 0; at < (rounds ?? 1); at += 1) taken.push(await round(browser, shape, way));
          const what = `${shape.name}, ${way}`;
          figures.push(
            {
              what: `${what}: in all`,
              place: "chromium",
              unit: "ms",
              values: taken.map(({ totalMs }) => totalMs),
            },
            {
              what: `${what}: longest task`,
              place: "chromium",
              unit: "ms",
              values: taken.map(({ longestMs }) => longestMs),
            },
          );
          found.push({
            id: `task-${shape.turns}-${WAYS.indexOf(way)}`,
            // By its own CPU time, which is what a quiet machine shows: the wall counts whoever else is running.
            what: `${what}: processor time of the longest task ÷ ${LONGEST_TASK_MS} ms`,
            place: "chromium",
            values: taken.map(({ longestCpuMs }) => longestCpuMs / LONGEST_TASK_MS),
            better: "lower",
            target: 1,
            margin: 3,
          });
        }
      }
    } finally {
      await browser.close();
    }
    return { figures, ratios: found };
  },
};
