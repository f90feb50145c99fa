import type { FaultTab } from "../../tests/faults/fault-browser.ts";
import { seedLongSession, type LongSession } from "../../tests/support/long-session.ts";
import { untilInSight, untilLive, withBrowser } from "../app/app-tab.ts";
import {
  PLACE_NAMES,
  type Benchmark,
  type Figure,
  type PageEngine,
  type Ratio,
} from "../harness/benchmark.ts";
import type { BarChart } from "../harness/chart.ts";
import { mean, median, ratios } from "../harness/statistics.ts";
import { turnId } from "../server-side/seed.ts";
import { startSubject, withFolder, type Subject } from "../server-side/subject.ts";

const SIZES = { short: 60, long: 10_000 } as const;
type Size = keyof typeof SIZES;
const JUMPS = 20;
/** Deltas of the answer that is streamed, one in so many ms. */
const DELTAS = 300;
const DELTA_MS = 8;
/** As many as that answer takes on a screen of 60 Hz. */
const FRAMES = 150;

interface Chat {
  readonly session: LongSession;
  readonly subject: Subject;
  readonly tab: FaultTab;
}

interface Times {
  readonly openMs: number;
  readonly frameMs: number;
  readonly jumpMs: number;
  /** All of it: opened, 150 frames streamed, 20 jumps. */
  readonly wholeMs: number;
}

export const benchmark: Benchmark = {
  title: `The app with a chat of 10,000 messages against one of 60: opening it, a frame while an answer streams, a jump to a turn (the median of ${JUMPS}), which in a long chat fetches what stands around it, and the whole: one opening, ${FRAMES} frames, ${JUMPS} jumps`,
  async run({ rounds, engines }) {
    const figures: Figure[] = [];
    const found: Ratio[] = [];
    const bars: BarChart["bars"][number][] = [];
    for (const engine of engines) {
      await withChats(engine, async (chats) => {
        const figure = (what: string, unit: string, values: readonly number[]): void => {
          figures.push({ what, place: engine, unit, values });
        };
        for (const size of ["short", "long"] as const) {
          figure(`${SIZES[size]} messages: first opening, from the server`, "ms", [await open(chats[size])]);
          figure(`${SIZES[size]} messages: first jump to its start`, "ms", [await jump(chats[size], 0)]);
        }
        const times: Record<Size, Times[]> = { short: [], long: [] };
        for (let round = 0; round <= (rounds ?? 3); round += 1) {
          for (const size of ["short", "long"] as const) {
            const took = await measure(chats[size], round);
            if (round > 0) times[size].push(took);
          }
        }
        for (const [what, pick, unit] of [
          ["open", ({ openMs }: Times) => openMs, "ms"],
          ["stream", ({ frameMs }: Times) => frameMs, "ms a frame"],
          ["jump", ({ jumpMs }: Times) => jumpMs, "ms"],
          ["whole", ({ wholeMs }: Times) => wholeMs, "ms"],
        ] as const) {
          for (const size of ["short", "long"] as const) {
            figure(`${SIZES[size]} messages: ${what}`, unit, times[size].map(pick));
            if (what === "stream")
              bars.push({
                label: `Holdfast, ${SIZES[size].toLocaleString("en")} messages`,
                group: PLACE_NAMES[engine],
                values: times[size].map(pick),
              });
          }
          found.push({
            id: what,
            what: `${what}: 10,000 messages ÷ 60`,
            place: engine,
            values: ratios(times.long.map(pick), times.short.map(pick)),
            better: "lower",
            margin: 2,
            // A jump within 60 messages goes to what is in the page already; it is judged as a part of the whole.
            ...(what === "jump" ? {} : { target: 1.5 }),
          });
        }
      });
    }
    const chart: BarChart = {
      kind: "bars",
      id: "chat-10k",
      title: "A frame of the whole app while an answer streams in",
      unit: "ms a frame",
      isLogarithmic: false,
      bars,
    };
    return { figures, ratios: found, charts: [chart] };
  },
};

async function withChats(
  engine: PageEngine,
  use: (chats: Readonly<Record<Size, Chat>>) => Promise<void>,
): Promise<void> {
  await withBrowser(engine, async (browser) => {
    await withFolder(async (shortFolder) => {
      await withFolder(async (longFolder) => {
        const begin = async (folder: string, size: Size): Promise<Chat> => {
          const session = await seedLongSession(folder, SIZES[size] / 2);
          const subject = await startSubject("holdfast", folder);
          const tab = await browser.openTab(`http://127.0.0.1:${subject.port}/api/health`);
          return { session, subject, tab };
        };
        const chats = { short: await begin(shortFolder, "short"), long: await begin(longFolder, "long") };
        try {
          await use(chats);
        } finally {
          for (const { subject } of Object.values(chats)) await subject.stop();
        }
      });
    });
  });
}

async function measure(chat: Chat, round: number): Promise<Times> {
  const openMs = await open(chat);
  const frameMs = await stream(chat, round);
  // What was just streamed is the newest; far up a jump fetches its target and what stands around it.
  await jump(chat, 0);
  const jumps: number[] = [];
  const { turns } = chat.session;
  for (let at = 0; at < JUMPS; at += 1)
    jumps.push(await jump(chat, (at * 7 * Math.floor(turns.length / JUMPS)) % turns.length));
  const wholeMs = openMs + FRAMES * frameMs + jumps.reduce((sum, ms) => sum + ms, 0);
  return { openMs, frameMs, jumpMs: median(jumps), wholeMs };
}

/** From the navigation to the last question in sight, as the page's own clock has it. */
async function open({ session, subject, tab }: Chat): Promise<number> {
  await tab.goto(`http://127.0.0.1:${subject.port}/api/health`);
  await tab.goto(`http://127.0.0.1:${subject.port}/s/${session.id}`);
  const shownMs = await untilInSight(tab, "");
  await untilLive(tab);
  return shownMs;
}

/** What the frames of an answer take in the page: from the first callback of each to the first task after it. */
async function stream({ session, subject, tab }: Chat, round: number): Promise<number> {
  const counting = tab.evaluate(async (deltas) => {
    const { port1, port2 } = new MessageChannel();
    const times: number[] = [];
    let begun = 0;
    let isOver = false;
    port2.addEventListener("message", () => times.push(performance.now() - begun));
    port2.start();
    const frame = (): void => {
      begun = performance.now();
      if (isOver) return;
      port1.postMessage(0);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    const since = performance.now();
    const isDone = (): boolean =>
      [...document.querySelectorAll('[data-part="text"]')]
        .at(-1)
        ?.textContent.includes(`the end of ${deltas}`) === true;
    while (!isDone()) {
      if (performance.now() - since > 25_000) throw new Error("the answer never ended");
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
    isOver = true;
    return times;
  }, `round ${round}`);
  await subject.send("POST", `/api/sessions/${session.id}/turns`, {
    id: turnId(round + 1),
    text: `burst ${DELTAS} ${DELTA_MS} the end of round ${round}`,
  });
  return mean(await counting);
}

/** From the address being changed to the question of that turn in sight. */
async function jump({ session, tab }: Chat, at: number): Promise<number> {
  const turn = session.turns[at];
  if (turn === undefined) throw new Error(`there is no turn ${at}`);
  const begun = await tab.evaluate((id) => {
    const now = performance.now();
    location.hash = `#t=${id}`;
    return now;
  }, turn.id);
  return (await untilInSight(tab, turn.question)) - begun;
}
