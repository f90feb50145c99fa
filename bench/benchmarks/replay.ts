import { DatabaseSync } from "node:sqlite";
import { databasePath, seedSession, sessionRecord, SID, turnEvents } from "../server-side/seed.ts";
import { startSubject, withFolder } from "../server-side/subject.ts";
import { view } from "../server-side/viewer.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import { ratios } from "../harness/statistics.ts";

const EVENTS = 100_000;

export const benchmark: Benchmark = {
  title: `${EVENTS.toLocaleString("en")} missed events, one a row, from the request to "caught up", against reading and parsing the same rows`,
  async run({ rounds, isQuick }) {
    const events = turnEvents(1, EVENTS, () => "word ", "bench");
    return withFolder(async (folder) => {
      await seedSession(folder, sessionRecord(SID, "Bench", "bench", 0), events);
      const subject = await startSubject("holdfast", folder);
      try {
        const first = await replayMs(subject.port);
        const ours: number[] = [];
        const floor: number[] = [];
        for (let round = 0; round < (rounds ?? (isQuick ? 3 : 5)); round += 1) {
          floor.push(readMs(folder));
          ours.push(await replayMs(subject.port));
        }
        return {
          figures: [
            { what: "reading and parsing the rows", place: "node", unit: "ms", values: floor },
            { what: "replay, merged", place: "node", unit: "ms", values: ours },
            { what: "the first of a fresh process", place: "node", unit: "ms", values: [first] },
          ],
          ratios: [
            {
              id: "replay-to-read",
              what: "replay ÷ reading and parsing the rows",
              place: "node",
              values: ratios(ours, floor),
              better: "lower",
            },
          ],
        };
      } finally {
        await subject.stop();
      }
    });
  },
};

async function replayMs(port: number): Promise<number> {
  const begun = performance.now();
  const viewer = await view(port, `/api/sessions/${SID}/stream`);
  viewer.socket.destroy();
  return performance.now() - begun;
}

/** The least that a replay must do, beside the server that holds the folder. */
function readMs(folder: string): number {
  const begun = performance.now();
  const database = new DatabaseSync(databasePath(folder), { readOnly: true });
  const rows = database
    .prepare("SELECT from_seq, seq, data FROM log WHERE session = ? ORDER BY seq")
    .all(SID);
  let chars = 0;
  for (const { data } of rows) chars += JSON.stringify(JSON.parse(String(data))).length;
  database.close();
  if (chars === 0) throw new Error("The log was empty.");
  return performance.now() - begun;
}
