import type { LogRow, LogStore, StoreWrite } from "../../src/backend/ports.ts";

/** How far behind the disk is. Unit: ms. */
const BEHIND_MS = 150;

/** Says that a commit is durable when it has only been noted: senders are acknowledged and readers woken too soon. */
export function writeBehindStore(store: LogStore): LogStore {
  return behindStore(store, () => true);
}

/** Only what nobody is told of by an answer is noted and written later: every acknowledgement holds, and readers are ahead. */
export function earlyWakeStore(store: LogStore): LogStore {
  return behindStore(store, isOnlyDeltas);
}

function isOnlyDeltas(write: StoreWrite): boolean {
  return (
    write.kind === "append" &&
    write.rows.length > 0 &&
    write.rows.every((row) => !/"type":"(?!\w+-delta")/.test(row.data))
  );
}

/** A store whose writes of some kind are promised and made later; what is promised can be read. */
function behindStore(store: LogStore, isPromised: (write: StoreWrite) => boolean): LogStore {
  let promised: StoreWrite[] = [];
  let making: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const make = (writes: readonly StoreWrite[]): Promise<void> => {
    const sessions = new Set(writes.map(sessionOf));
    const owed = promised.filter((write) => sessions.has(sessionOf(write)));
    promised = promised.filter((write) => !sessions.has(sessionOf(write)));
    making = making.then(() => commitInTurn(store, [...owed, ...writes]));
    return making;
  };
  const catchUp = (): Promise<void> => {
    timer = undefined;
    const owed = promised.splice(0);
    making = making.then(() => commitInTurn(store, owed));
    return making;
  };
  return {
    open: () => store.open(),
    async commit(writes) {
      const kept = writes.filter((write) => !isPromised(write));
      if (kept.length > 0) await make(kept);
      promised.push(...writes.filter(isPromised));
      timer ??= setTimeout(() => void catchUp(), BEHIND_MS);
    },
    async read(session, afterSeq, maxBytes) {
      await making;
      const rows = [...(await store.read(session, afterSeq, maxBytes))];
      for (const row of promised.flatMap((write) => rowsOf(write, session))) {
        if (row.seq > afterSeq && row.from === (rows.at(-1)?.seq ?? afterSeq) + 1) rows.push(row);
      }
      return rows;
    },
    async close() {
      clearTimeout(timer);
      await catchUp();
      await store.close();
    },
  };
}

async function commitInTurn(store: LogStore, writes: readonly StoreWrite[]): Promise<void> {
  for (const write of writes) await store.commit([write]);
}

function rowsOf(write: StoreWrite, session: string): readonly LogRow[] {
  return write.kind === "append" && write.record.summary.id === session ? write.rows : [];
}

function sessionOf(write: StoreWrite): string {
  return write.kind === "create" || write.kind === "append" ? write.record.summary.id : write.session;
}
