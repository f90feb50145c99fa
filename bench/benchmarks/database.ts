import { seedSession, sessionId, sessionRecord, turnEvents, withStore, rowsOf } from "../server-side/seed.ts";
import { withFolder } from "../server-side/subject.ts";
import type { Benchmark, Figure } from "../harness/benchmark.ts";

const SESSIONS = 200;
const EVENTS_EACH = 500;

export const benchmark: Benchmark = {
  title: `Operations of the server's database with ${SESSIONS} sessions of ${EVENTS_EACH} events: how long one takes`,
  async run({ rounds }) {
    const operations = new Map<string, number[]>();
    const note = (what: string, begun: number, unitMs = 1_000): void => {
      operations.set(what, [...(operations.get(what) ?? []), (performance.now() - begun) * unitMs]);
    };
    await withFolder(async (folder) => {
      const events = turnEvents(1, EVENTS_EACH, () => "some words ", "bench");
      for (let at = 0; at < SESSIONS; at += 1)
        await seedSession(folder, sessionRecord(sessionId(at), `session ${at}`, "bench", 0), events);
      for (let round = 0; round < (rounds ?? 5); round += 1) {
        const openedAt = performance.now();
        await withStore(folder, async (store) => {
          const { sessions } = await store.open();
          note("open the folder and read all sessions", openedAt);
          for (const [at, record] of sessions.entries()) {
            if (at % 10 !== 0) continue;
            const readAt = performance.now();
            await store.read(record.summary.id, 0, 1_048_576);
            note("read a log of 500 events", readAt);
            const appendAt = performance.now();
            const [row] = rowsOf([{ type: "bench" }], record.tail);
            if (row === undefined) continue;
            await store.commit([
              {
                kind: "append",
                record: { ...record, tail: record.tail + 1 },
                expectedTail: record.tail,
                rows: [row],
              },
            ]);
            note("append one event, durably", appendAt);
            const compactAt = performance.now();
            const whole = { from: 1, seq: EVENTS_EACH, data: '{"compacted":true}' };
            if (round > 0) continue;
            await store.commit([
              { kind: "compact", session: record.summary.id, from: 1, seq: EVENTS_EACH, rows: [whole] },
            ]);
            note("compact a turn of 500 events", compactAt);
          }
        });
      }
    });
    const figures = [...operations].map(([what, values]): Figure => ({
      what,
      place: "node",
      unit: "µs",
      values,
    }));
    return { figures, ratios: [] };
  },
};
