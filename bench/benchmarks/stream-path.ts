import type { FaultTab } from "../../tests/faults/fault-browser.ts";
import { untilLive, withBrowser } from "../app/app-tab.ts";
import type { Benchmark, Figure, Ratio } from "../harness/benchmark.ts";
import { ratios } from "../harness/statistics.ts";
import { SID, turnId } from "../server-side/seed.ts";
import { withSubject, type Subject } from "../server-side/subject.ts";

/** Each of 20 characters. */
const EVENTS = 20_000;

export const benchmark: Benchmark = {
  title: `An answer of ${EVENTS.toLocaleString("en")} events as fast as the server can: from the request to the end being in the app, against a bare EventSource that parses the same frames`,
  async run({ rounds, engines }) {
    const figures: Figure[] = [];
    const found: Ratio[] = [];
    for (const engine of engines) {
      await withSubject("holdfast", (subject) =>
        withBrowser(engine, async (browser) => {
          await subject.send("PUT", `/api/sessions/${SID}`, {});
          const origin = `http://127.0.0.1:${subject.port}`;
          const app = await browser.openTab(`${origin}/s/${SID}`);
          await untilLive(app);
          const bare: number[] = [];
          const ours: number[] = [];
          for (let round = 0; round <= (rounds ?? 3); round += 1) {
            const own = await takenByApp(app, subject, round);
            // A page of its own, so that neither reads while the other is measured.
            await app.goto(`${origin}/api/health`);
            const raw = await takenBare(app, round);
            await app.goto(`${origin}/s/${SID}`);
            await untilLive(app);
            if (round > 0) ours.push(own);
            if (round > 0) bare.push(raw);
          }
          const rate = (times: readonly number[]): number[] => times.map((ms) => (EVENTS * 1_000) / ms);
          figures.push(
            { what: "bare EventSource and JSON.parse", place: engine, unit: "events/s", values: rate(bare) },
            {
              what: "from socket to store, and into the page",
              place: engine,
              unit: "events/s",
              values: rate(ours),
            },
          );
          found.push({
            id: "app-to-bare",
            what: "time, app ÷ bare EventSource",
            place: engine,
            values: ratios(ours, bare),
            better: "lower",
            margin: 2,
          });
        }),
      );
    }
    return { figures, ratios: found };
  },
};

/** Sends from within the page, and waits for the last words of the answer in the app. */
async function takenByApp(tab: FaultTab, _subject: Subject, round: number): Promise<number> {
  return tab.evaluate(
    async ({ path, body, last }) => {
      const begun = performance.now();
      await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body });
      const isOver = (): boolean =>
        [...document.querySelectorAll('[data-part="text"]')].at(-1)?.textContent.includes(last) === true;
      while (!isOver()) {
        if (performance.now() - begun > 25_000) throw new Error("the answer never ended");
        await new Promise((resolve) => {
          setTimeout(resolve, 4);
        });
      }
      return performance.now() - begun;
    },
    requestOf(round * 2),
  );
}

/** The same with nothing but an EventSource, from before the request on. */
async function takenBare(tab: FaultTab, round: number): Promise<number> {
  return tab.evaluate(
    async ({ path, stream, body, last }) => {
      const source = new EventSource(stream);
      await new Promise((resolve) => {
        source.addEventListener("caught-up", resolve);
      });
      const begun = performance.now();
      const ended = new Promise((resolve) => {
        source.addEventListener("message", (message: MessageEvent<string>) => {
          const frame = JSON.parse(message.data) as { events: { delta?: string }[] };
          if (frame.events.some((event) => event.delta?.includes(last))) resolve(undefined);
        });
      });
      await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body });
      await ended;
      source.close();
      return performance.now() - begun;
    },
    requestOf(round * 2 + 1),
  );
}

function requestOf(turn: number): { path: string; stream: string; body: string; last: string } {
  const last = `the end of ${turn}.`;
  return {
    path: `/api/sessions/${SID}/turns`,
    stream: `/api/sessions/${SID}/stream`,
    body: JSON.stringify({ id: turnId(turn + 1), text: `burst ${EVENTS} 0 ${last}` }),
    last,
  };
}
