import type { FaultTab } from "../../tests/faults/fault-browser.ts";
import { untilInSight, untilLive, withBrowser } from "../app/app-tab.ts";
import type { Benchmark, Figure, PageEngine, Ratio } from "../harness/benchmark.ts";
import { median, quantile } from "../harness/statistics.ts";
import { seedSession, sessionId, sessionRecord, turnEvents, turnId } from "../server-side/seed.ts";
import { startSubject, withFolder, type Subject } from "../server-side/subject.ts";

const SESSIONS = 6;
const TURNS = 20;
/** The session that is heavy: 200 messages, and an answer of 100 KB that goes on and on. */
const HEAVY = 0;
const HEAVY_TURNS = 100;
const GROWN_CHARS = 100_000;
/** Switches of each kind that are measured. */
const SWITCHES = 30;
const MAX_FRAMES = 2;

/** One switch, as the page saw it. */
interface Switch {
  /** From the click to the text being painted. */
  readonly frames: number;
  readonly ms: number;
  /** The longest time between two frames while it was switched, and the tasks that the browser itself calls long. */
  readonly longestGapMs: number;
  readonly longTaskMs: number;
}

export const benchmark: Benchmark = {
  title: `From the click on a session to its text being painted: ${SESSIONS} sessions that were seen before, one of ${2 * HEAVY_TURNS} messages with an answer of ${GROWN_CHARS / 1_000} KB in flight; after a reload, from the disk`,
  async run({ rounds, engines }) {
    const figures: Figure[] = [];
    const found: Ratio[] = [];
    const notes: string[] = [];
    for (const engine of engines) {
      await withSessions(engine, async (tab, subject) => {
        const count = rounds === undefined ? SWITCHES : rounds * 6;
        const light: Switch[] = [];
        const heavy: Switch[] = [];
        for (let at = 0; at < SESSIONS; at += 1) await visit(tab, at);
        await subject.send("POST", `/api/sessions/${sessionId(HEAVY)}/turns`, {
          id: turnId(90_000),
          text: `grow ${GROWN_CHARS} 20`,
        });
        await visit(tab, HEAVY);
        await untilGrown(tab);
        for (let at = 0; at < count; at += 1) {
          light.push(await visit(tab, 1 + (at % (SESSIONS - 1))));
          heavy.push(await visit(tab, HEAVY));
        }
        const disk: Switch[] = [];
        for (let at = 0; at < Math.ceil(count / 5); at += 1) {
          await tab.goto(`http://127.0.0.1:${subject.port}/s/${sessionId(1)}`);
          await untilInSight(tab, markerOf(1));
          await untilLive(tab);
          disk.push(await visit(tab, 2 + (at % (SESSIONS - 2))));
        }
        for (const [what, switches] of [
          ["seen before", light],
          ["200 messages, 100 KB in flight", heavy],
          ["from the disk", disk],
        ] as const) {
          const figure = (name: string, unit: string, values: readonly number[]): Figure => ({
            what: `${what}: ${name}`,
            place: engine,
            unit,
            values,
          });
          figures.push(
            figure(
              "frames until painted",
              "frames",
              switches.map(({ frames }) => frames),
            ),
            figure(
              "until painted",
              "ms",
              switches.map(({ ms }) => ms),
            ),
            figure(
              "longest task over 50 ms, 0: none",
              "ms",
              switches.map(({ longTaskMs }) => longTaskMs),
            ),
          );
        }
        found.push(
          ...ratiosOf("light", "seen before", engine, light),
          ...ratiosOf("heavy", "100 KB in flight", engine, heavy),
        );
        const long = [...light, ...heavy].filter(({ longTaskMs }) => longTaskMs > 0);
        notes.push(
          engine === "webkit"
            ? "WebKit names no long tasks; its figure is the longest time between two frames, where that was over 50 ms."
            : `${long.length} of ${light.length + heavy.length} switches had a task of more than 50 ms.`,
        );
      });
    }
    return { figures, ratios: found, notes };
  },
};

function ratiosOf(
  id: string,
  what: string,
  place: PageEngine,
  switches: readonly Switch[],
): readonly Ratio[] {
  const frames = switches.map((one) => one.frames);
  const gaps = switches.map((one) => one.longTaskMs / 50);
  return [
    {
      id: `${id}-frames`,
      what: `${what}: frames until painted, p95 ÷ ${MAX_FRAMES} frames`,
      place,
      values: [quantile(frames, 0.95) / MAX_FRAMES],
      better: "lower",
      target: 1,
      margin: 3,
    },
    {
      id: `${id}-task`,
      what: `${what}: longest task, p95 ÷ 50 ms`,
      place,
      values: [quantile(gaps, 0.95)],
      better: "lower",
      target: 1,
      margin: 4,
    },
    {
      id: `${id}-median`,
      what: `${what}: median frames ÷ ${MAX_FRAMES}`,
      place,
      values: [median(frames) / MAX_FRAMES],
      better: "lower",
      margin: 3,
    },
  ];
}

async function withSessions(
  engine: PageEngine,
  use: (tab: FaultTab, subject: Subject) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    for (let at = 0; at < SESSIONS; at += 1) await seed(folder, at);
    const subject = await startSubject("holdfast", folder);
    try {
      await withBrowser(engine, async (browser) => {
        const tab = await browser.openTab(`http://127.0.0.1:${subject.port}/s/${sessionId(0)}`);
        await untilInSight(tab, "");
        await use(tab, subject);
      });
    } finally {
      await subject.stop();
    }
  });
}

/** The last words of a session name it, so that the page can tell whose text is painted. */
function markerOf(at: number): string {
  return `the last words of session ${at}`;
}

async function seed(folder: string, at: number): Promise<void> {
  const turns = at === HEAVY ? HEAVY_TURNS : TURNS;
  const events = Array.from({ length: turns }, (_, turn) => {
    const isLast = turn === turns - 1;
    return turnEvents(
      at * 1_000 + turn + 1,
      24,
      (index) => (isLast && index === 20 ? markerOf(at) : `and **some** more words of \`answer ${turn}\` `),
      "bench",
    );
  }).flat();
  await seedSession(folder, sessionRecord(sessionId(at), `session ${at}`, "bench", 0), events);
}

/** Until the answer in flight is there, all 100 KB of it, and goes on. */
async function untilGrown(tab: FaultTab): Promise<void> {
  await untilInSight(tab, "word5 ");
  await untilLive(tab);
}

/** Clicks on a session and waits for its words, in the page. An answer in flight is told by its own, which come last. */
function visit(tab: FaultTab, at: number): Promise<Switch> {
  return tab.evaluate(
    async ({ session, marker }) => {
      const link = document.querySelector<HTMLAnchorElement>(`a[href="/s/${session}"]`);
      if (link === null) throw new Error(`no link to ${session}`);
      const isPainted = (): boolean => {
        const rows = document.querySelectorAll('[role="log"] .turn-row');
        return [...rows].slice(-2).some((row) => row.textContent.includes(marker));
      };
      const tasks: number[] = [];
      const observer = new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) tasks.push(duration);
      });
      const hasTasks = PerformanceObserver.supportedEntryTypes.includes("longtask");
      if (hasTasks) observer.observe({ type: "longtask" });
      const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
      // Begun at a frame, as a person's click is handled at one.
      await frame();
      const begun = performance.now();
      let last = begun;
      let longestGapMs = 0;
      link.click();
      let frames = 0;
      while (!isPainted()) {
        if (performance.now() - begun > 20_000) throw new Error(`never painted: ${marker}`);
        await frame();
        frames += 1;
        longestGapMs = Math.max(longestGapMs, performance.now() - last);
        last = performance.now();
      }
      const ms = performance.now() - begun;
      // What follows at leisure belongs to the switch as well.
      for (let after = 0; after < 20; after += 1) {
        await frame();
        longestGapMs = Math.max(longestGapMs, performance.now() - last);
        last = performance.now();
      }
      for (const { duration } of observer.takeRecords()) tasks.push(duration);
      observer.disconnect();
      const longest = hasTasks ? Math.max(0, ...tasks) : longestGapMs;
      return { frames, ms, longestGapMs, longTaskMs: longest > 50 ? longest : 0 };
    },
    { session: sessionId(at), marker: markerOf(at) },
  );
}
