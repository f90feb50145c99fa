import { request } from "node:http";
import { field, type ApiClient } from "./api-client.ts";
import type { DiskLogs } from "./disk-logs.ts";
import type { Ledger } from "./ledger.ts";
import { LogFold, type FoldedTurn, type WireFrame } from "./log-fold.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** The log of a session as the server tells it, from its beginning; undefined when the server went away. */
export async function readLog(
  api: ApiClient,
  session: string,
): Promise<{ readonly epoch: string; readonly fold: LogFold } | undefined> {
  const fold = new LogFold();
  let cursor = "";
  for (;;) {
    const answer = await api.get(`/sessions/${session}/events?limit=10000${cursor}`);
    if (answer === "lost" || answer.status === 503) return undefined;
    if (answer.status !== 200) {
      fold.violations.push(`its log was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      return { epoch: "", fold };
    }
    for (const frame of field(answer.body, "frames") as WireFrame[]) fold.add(frame);
    const next = String(field(answer.body, "cursor"));
    if (field(answer.body, "hasMore") !== true) return { epoch: next.split(".")[0] ?? "", fold };
    cursor = `&after=${next}`;
  }
}

/** What a new life must tell of what the last one left on the disk. */
export async function checkRestart(
  api: ApiClient,
  disk: DiskLogs,
  ledger: Ledger,
  random: SeededRandom,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [id, stored] of disk.sessions) {
    // The snapshot first: what it tells must be in a log that is read later.
    const snapshot = await api.get(`/sessions/${id}?turns=1000`);
    const told = await readLog(api, id);
    if (snapshot === "lost" || told === undefined) return wrong;
    const say = (what: string): number => wrong.push(`session ${id} after the restart: ${what}`);
    if (told.epoch !== stored.epoch) say(`epoch ${told.epoch} instead of ${stored.epoch}`);
    for (const what of [...told.fold.violations, ...stored.fold.missingFrom(told.fold)]) say(what);
    for (const [turn, before] of stored.fold.turns) {
      if (before.status !== "running") continue;
      const after = told.fold.turns.get(turn);
      if (after?.outcome !== "interrupted")
        say(`turn ${turn} was running and is ${after?.outcome ?? after?.status ?? "gone"}`);
      else if (!sameTexts(before, after)) say(`turn ${turn} was interrupted and grew`);
    }
    for (const what of compareSnapshot(snapshot.body, told.fold)) say(what);
  }
  wrong.push(...(await checkDeleted(api, ledger, random)), ...(await checkReuse(api, ledger, random)));
  return wrong;
}

function sameTexts(one: FoldedTurn, other: FoldedTurn): boolean {
  return (
    one.buffers.size === other.buffers.size &&
    [...one.buffers].every(([key, text]) => other.buffers.get(key) === text)
  );
}

interface SnapshotTurn {
  readonly id: string;
  readonly status: string;
  readonly outcome?: string;
  readonly parts: readonly { readonly id: string; readonly type: string; readonly text?: string }[];
}

/** Where a snapshot and the log, which may have gone on since, disagree. `isStill`: it has not. */
export function compareSnapshot(snapshot: unknown, log: LogFold, isStill = false): string[] {
  const wrong: string[] = [];
  const seq = Number(String(field(snapshot, "cursor")).split(".")[1]);
  if (isStill ? seq !== log.tail : seq > log.tail)
    wrong.push(`a snapshot up to ${seq} of a log up to ${log.tail}`);
  const turns = field(snapshot, "turns") as readonly SnapshotTurn[];
  const shown = [...log.turns].filter(([, turn]) => turn.status !== "withdrawn").map(([id]) => id);
  if (isStill && shown.length !== turns.length)
    wrong.push(`a snapshot of ${turns.length} turns, the log has ${shown.length}`);
  for (const { id, status, outcome, parts } of turns) {
    const turn = log.turns.get(id);
    if (turn === undefined) wrong.push(`turn ${id} of the snapshot is not in the log`);
    if (turn === undefined) continue;
    const isFinal = status === "ended" || isStill;
    if (isFinal && (turn.status !== status || turn.outcome !== outcome))
      wrong.push(
        `turn ${id} is ${outcome ?? status} in the snapshot, ${turn.outcome ?? turn.status} in the log`,
      );
    for (const { id: part, type, text = "" } of parts) {
      const logged = turn.buffers.get(`${type}-delta ${part}`) ?? "";
      if (isFinal ? logged !== text : !logged.startsWith(text))
        wrong.push(
          `part ${part} of turn ${id} has ${text.length} characters in the snapshot, ${logged.length} in the log`,
        );
    }
  }
  return wrong;
}

/** Deleted sessions stay deleted, and their ids are taken for good. [P2.13] */
async function checkDeleted(api: ApiClient, ledger: Ledger, random: SeededRandom): Promise<string[]> {
  const deleted = [...ledger.sessions.values()].filter((session) => session.deleted === "done");
  const session = random.pick(deleted);
  if (session === undefined) return [];
  const wrong: string[] = [];
  const path = `/sessions/${session.id}`;
  const turn = { id: random.uuid(), text: "echo late" };
  const answers = await Promise.all([
    api.get(path),
    api.call("PUT", path, {}),
    api.call("POST", `${path}/turns`, turn),
    api.get(`${path}/events`),
  ]);
  for (const answer of answers)
    if (answer !== "lost" && answer.status !== 410)
      wrong.push(`session ${session.id} was deleted and is answered ${answer.status}`);
  const stream = await firstOfStream(new URL(`api${path}/stream`, api.url));
  if (stream !== undefined && !stream.includes('"deleted"'))
    wrong.push(
      `the stream of session ${session.id}, which was deleted, begins ${JSON.stringify(stream.slice(0, 200))}`,
    );
  return wrong;
}

/** The id of a turn names its first content for good. [P2.22, P2.23] */
async function checkReuse(api: ApiClient, ledger: Ledger, random: SeededRandom): Promise<string[]> {
  const session = ledger.anyLive(random);
  const turn = random.pick([...(session?.turns.values() ?? [])].filter(({ sent }) => sent === "done"));
  if (session === undefined || turn === undefined) return [];
  const wrong: string[] = [];
  const { id, text, mode, continues } = turn;
  const path = `/sessions/${session.id}/turns`;
  const body = { id, text, mode, ...(continues === undefined ? {} : { continues }) };
  const again = await api.call("POST", path, body);
  if (again !== "lost" && again.status !== 200)
    wrong.push(`turn ${id} sent again was answered ${again.status}`);
  const other = await api.call("POST", path, { ...body, text: `${text} and more` });
  if (other !== "lost" && other.status !== 409)
    wrong.push(`turn ${id} sent with another text was answered ${other.status}`);
  return wrong;
}

/** All that a stream that is refused says; undefined when nobody answers. */
function firstOfStream(url: URL): Promise<string | undefined> {
  return new Promise((resolve) => {
    const call = request(url, { agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes("event: hello")) response.destroy();
      });
      response.on("error", () => undefined);
      response.on("close", () => resolve(text));
    });
    call.on("error", () => resolve(undefined));
    call.end();
  });
}
