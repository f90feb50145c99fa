import { setTimeout as sleep } from "node:timers/promises";
import { field, type ApiClient } from "./api-client.ts";
import type { Ledger } from "./ledger.ts";
import { compareSnapshot, readLog } from "./restart-check.ts";

/** Unit: ms. */
const LIMIT_MS = 60_000;

interface Row {
  readonly id: string;
  readonly status: string;
  readonly running: number;
  readonly queued: number;
}

/** Waits until nothing runs and nothing waits, answering what is asked; then every turn has ended once, and snapshots equal logs. */
export async function settle(api: ApiClient, ledger: Ledger): Promise<string[]> {
  const deadlineMs = performance.now() + LIMIT_MS;
  for (;;) {
    const answer = await api.get("/sessions?limit=1000");
    if (answer === "lost") return ["the server went away while it came to rest"];
    const rows = field(answer.body, "sessions") as Row[];
    const busy = rows.filter((row) => row.running > 0 || row.queued > 0);
    if (busy.length === 0) break;
    if (performance.now() > deadlineMs)
      return busy.map(
        (row) =>
          `session ${row.id} is ${row.status} (${row.running} run, ${row.queued} wait) and does not come to rest`,
      );
    for (const row of busy) if (row.status === "needs-you") await allow(api, row.id);
    await sleep(50);
  }
  const wrong: string[] = [];
  for (const session of ledger.live()) {
    const snapshot = await api.get(`/sessions/${session.id}?turns=1000`);
    const log = await readLog(api, session.id);
    if (snapshot === "lost" || log === undefined) return ["the server went away at rest"];
    for (const what of [...log.fold.violations, ...compareSnapshot(snapshot.body, log.fold, true)])
      wrong.push(`session ${session.id}: ${what}`);
    for (const [id, turn] of log.fold.turns)
      if (turn.status !== "ended" && turn.status !== "withdrawn")
        wrong.push(`turn ${id} is ${turn.status} at rest`);
  }
  return wrong;
}

async function allow(api: ApiClient, session: string): Promise<void> {
  const answer = await api.get(`/sessions/${session}?turns=1000`);
  if (answer === "lost") return;
  for (const turn of field(answer.body, "turns") as { approvals?: { id: string; resolved?: unknown }[] }[]) {
    for (const approval of turn.approvals ?? []) {
      if (approval.resolved === undefined)
        await api.call("POST", `/sessions/${session}/approvals/${approval.id}`, { option: "allow" });
    }
  }
}
