import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { rowsOf, sessionRecord, SID, turnEvents, turnId, withStore } from "../server-side/seed.ts";
import { withFolder, withSubject } from "../server-side/subject.ts";
import { view } from "../server-side/viewer.ts";
import type { Benchmark, Figure, Ratio } from "../harness/benchmark.ts";
import { ratios } from "../harness/statistics.ts";

const SIZES = [1, 16, 256] as const;
const ROWS = 10_000;
const TURN_EVENTS = 50_000;

export const benchmark: Benchmark = {
  title: "Events a second into the log, durably, against a bare table of node:sqlite with the same promises",
  async run({ rounds }) {
    const count = rounds ?? 3;
    const rows = rowsOf(turnEvents(1, ROWS, () => "word ", "bench"));
    const figures: Figure[] = [];
    const found: Ratio[] = [];
    for (const perCommit of SIZES) {
      const used = rows.slice(0, perCommit === 1 ? ROWS / 5 : ROWS);
      const ours: number[] = [];
      const floor: number[] = [];
      for (let round = 0; round <= count; round += 1) {
        const bare = await bareRate(used, perCommit);
        const own = await storeRate(used, perCommit);
        // The first is for warming up.
        if (round > 0) floor.push(bare);
        if (round > 0) ours.push(own);
      }
      const commits = `${perCommit} a commit`;
      figures.push(
        { what: `bare node:sqlite, ${commits}`, place: "node", unit: "events/s", values: floor },
        { what: `Holdfast's store, ${commits}`, place: "node", unit: "events/s", values: ours },
      );
      found.push({
        id: `append-${perCommit}`,
        what: `append, ${commits}: store ÷ bare node:sqlite`,
        place: "node",
        values: ratios(ours, floor),
        better: "higher",
        margin: 2,
      });
    }
    const turns: number[] = [];
    for (let round = 0; round < count; round += 1) turns.push(await turnRate());
    figures.push({
      what: "a whole turn, from the request to its end in the stream",
      place: "node",
      unit: "events/s",
      values: turns,
    });
    return { figures, ratios: found };
  },
};

type Rows = ReturnType<typeof rowsOf>;

function storeRate(rows: Rows, perCommit: number): Promise<number> {
  return withFolder((folder) =>
    withStore(folder, async (store) => {
      const fresh = sessionRecord(SID, "Bench", "bench", 0);
      await store.commit([{ kind: "create", record: fresh }]);
      const begun = performance.now();
      for (let at = 0; at < rows.length; at += perCommit) {
        const part = rows.slice(at, at + perCommit);
        await store.commit([
          { kind: "append", record: { ...fresh, tail: at + part.length }, expectedTail: at, rows: part },
        ]);
      }
      return rate(rows.length, begun);
    }),
  );
}

function bareRate(rows: Rows, perCommit: number): Promise<number> {
  return withFolder(async (folder) => {
    const database = new DatabaseSync(join(folder, "bare.sqlite"));
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000;");
    database.exec(
      "CREATE TABLE log (session TEXT, seq INTEGER, from_seq INTEGER, data TEXT, PRIMARY KEY (session, seq)) WITHOUT ROWID",
    );
    const insert = database.prepare("INSERT INTO log (session, seq, from_seq, data) VALUES (?, ?, ?, ?)");
    const begun = performance.now();
    for (let at = 0; at < rows.length; at += perCommit) {
      database.exec("BEGIN IMMEDIATE");
      for (const row of rows.slice(at, at + perCommit)) insert.run(SID, row.seq, row.from, row.data);
      database.exec("COMMIT");
    }
    const perSecond = rate(rows.length, begun);
    database.close();
    return perSecond;
  });
}

/** A whole turn of many deltas through agent, run, log and stream. */
function turnRate(): Promise<number> {
  return withSubject("holdfast", async (subject) => {
    const path = `/api/sessions/${SID}`;
    await subject.send("PUT", path, {});
    const viewer = await view(subject.port, `${path}/stream`);
    const ended = viewer.until("turn-ended");
    const begun = performance.now();
    await subject.send("POST", `${path}/turns`, { id: turnId(1), text: `burst ${TURN_EVENTS} 0` });
    await ended;
    const perSecond = rate(TURN_EVENTS, begun);
    viewer.socket.destroy();
    return perSecond;
  });
}

function rate(count: number, begun: number): number {
  return (count * 1_000) / (performance.now() - begun);
}
