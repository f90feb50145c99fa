import type { FaultTab } from "../../tests/faults/fault-browser.ts";
import { untilInSight, untilLive, withBrowser } from "../app/app-tab.ts";
import { TASK_PROBE, type TaskProbe } from "../app/task-probe.ts";
import {
  PLACE_NAMES,
  type Benchmark,
  type Figure,
  type PageEngine,
  type Ratio,
} from "../harness/benchmark.ts";
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
/** What the measurement itself says of a page that does nothing, and of a task of a known length. */
const CONTROLS = 10;
const CONTROL_TASK_MS = 60;

/** One switch, as the page saw it. */
interface Switch {
  /** From the click to the first frame that begins with the text painted: 1 is the very next. */
  readonly frames: number;
  readonly ms: number;
  /** The longest task until twenty frames later: of those that the browser itself calls long, else by turns of the event loop. */
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
        const idleFrameMs = await idleFrame(tab);
        for (let at = 0; at < SESSIONS; at += 1) await visit(tab, at);
        const [idle, known]: [number[], number[]] = [[], []];
        for (let at = 0; at < CONTROLS; at += 1) {
          idle.push(await longestTask(tab, 0));
          known.push(await longestTask(tab, CONTROL_TASK_MS));
        }
        figures.push(
          { what: "control, nothing is done: longest task", place: engine, unit: "ms", values: idle },
          {
            what: `control, a task of ${CONTROL_TASK_MS} ms: longest task`,
            place: engine,
            unit: "ms",
            values: known,
          },
        );
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
        const heavyDisk: Switch[] = [];
        for (let at = 0; at < Math.ceil(count / 5); at += 1) {
          await tab.goto(`http://127.0.0.1:${subject.port}/s/${sessionId(1)}`);
          await untilInSight(tab, markerOf(1));
          await untilLive(tab);
          disk.push(await visit(tab, 2 + (at % (SESSIONS - 2))));
          heavyDisk.push(await visit(tab, HEAVY));
        }
        for (const [what, switches] of [
          ["seen before", light],
          ["200 messages, 100 KB in flight", heavy],
          ["from the disk", disk],
          ["from the disk, 200 messages, 100 KB in flight", heavyDisk],
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
          `${PLACE_NAMES[engine]}: ${long.length} of ${light.length + heavy.length} switches had a task of more than 50 ms. When nothing happens, this browser here gives a page a frame every ${idleFrameMs.toFixed(1)} ms.`,
          ...(engine === "webkit"
            ? [
                "WebKit names no long tasks; its figure is the longest time between two turns of the event loop, where that was over 50 ms. In this time other processes may have had the processor; the controls show how much that is.",
              ]
            : []),
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
        const tab = await browser.openTab(`http://127.0.0.1:${subject.port}/s/${sessionId(0)}`, {
          init: TASK_PROBE,
        });
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

/** What the probe says of twenty frames in the first of which the page is busy for so long. Unit of both: ms. */
function longestTask(tab: FaultTab, busyMs: number): Promise<number> {
  return tab.evaluate(async (ms) => {
    const { taskProbe } = window as typeof window & { readonly taskProbe: TaskProbe };
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
    taskProbe.begin();
    await frame();
    taskProbe.forget();
    const endMs = performance.now() + ms;
    while (performance.now() < endMs);
    for (let after = 0; after < 20; after += 1) await frame();
    return taskProbe.end();
  }, busyMs);
}

/** Frames of a page in which nothing happens: what a browser without a screen counts as one. Unit: ms. */
function idleFrame(tab: FaultTab): Promise<number> {
  return tab.evaluate(async () => {
    const times: number[] = [];
    for (let at = 0; at < 60; at += 1)
      times.push(await new Promise<number>((resolve) => requestAnimationFrame(resolve)));
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    return gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 0;
  }, undefined);
}

/**
 * Clicks on a session and waits until its last words stand in sight, with all before them above: of an answer in flight
 * those that the page had of it when it was left, else the marker.
 */
function visit(tab: FaultTab, at: number): Promise<Switch> {
  return tab.evaluate(
    async ({ session, marker }) => {
      const link = document.querySelector<HTMLAnchorElement>(`a[href="/s/${session}"]`);
      if (link === null) throw new Error(`no link to ${session}`);
      const texts = (): readonly HTMLElement[] =>
        [...document.querySelectorAll<HTMLElement>('[role="log"] [data-part="text"]')].slice(-2);
      // Kept between visits and over reloads.
      const known = sessionStorage;
      const grown = /word\d+ (?=\s*$)/.exec(texts().at(-1)?.textContent ?? "")?.[0];
      if (grown !== undefined) known.setItem(`bench:${location.pathname}`, grown);
      const words = known.getItem(`bench:/s/${session}`) ?? marker;
      const isPainted = (): boolean => {
        if (location.pathname !== `/s/${session}`) return false;
        const text = texts().findLast((one) => one.textContent.includes(words));
        const log = text?.closest('[role="log"]');
        if (text === undefined || log === null || log === undefined) return false;
        const { top, bottom } = log.getBoundingClientRect();
        const end = (text.querySelector(".answer-part:last-child") ?? text).getBoundingClientRect();
        // An answer that has begun since pushes what was last before out of sight.
        return words === marker || (end.bottom > top && end.bottom <= bottom + 1);
      };
      const { taskProbe } = window as typeof window & { readonly taskProbe: TaskProbe };
      const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
      taskProbe.begin();
      // Begun at a frame, as a person's click is handled at one.
      await frame();
      taskProbe.forget();
      const begun = performance.now();
      link.click();
      let frames = 0;
      while (!isPainted()) {
        if (performance.now() - begun > 20_000) throw new Error(`never painted: ${words}`);
        await frame();
        frames += 1;
      }
      const ms = performance.now() - begun;
      // What follows at leisure belongs to the switch as well.
      for (let after = 0; after < 20; after += 1) await frame();
      const longest = taskProbe.end();
      return { frames, ms, longTaskMs: longest > 50 ? longest : 0 };
    },
    { session: sessionId(at), marker: markerOf(at) },
  );
}
