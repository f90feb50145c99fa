import type { DiskLogs, DiskSession } from "./disk-logs.ts";
import { expectedAnswer } from "./expected-answer.ts";
import type { Ledger, SentSession, SentTurn } from "./ledger.ts";
import { answerText, type FoldedTurn, type LogFold } from "./log-fold.ts";
import type { Reader, Reading } from "./reader.ts";

/**
 * What must be on the disk of a server that is dead: all that was acknowledged, all that a reader saw, and nothing that
 * nobody asked for. Afterwards the ledger knows what became of the requests that had no answer.
 */
export function checkDisk(
  disk: DiskLogs,
  ledger: Ledger,
  readers: readonly Reader[],
  mayFail: boolean,
): string[] {
  const wrong = [...disk.violations];
  for (const session of ledger.sessions.values()) {
    const stored = disk.sessions.get(session.id);
    const isDeleted = disk.deleted.has(session.id);
    if (session.deleted === "done" && (stored !== undefined || !isDeleted))
      wrong.push(`session ${session.id} was deleted and is there again`);
    if (session.deleted === "no" && isDeleted)
      wrong.push(`session ${session.id} is gone and nobody deleted it`);
    if (session.deleted === "lost") session.deleted = isDeleted ? "done" : "no";
    if (session.deleted !== "no") continue;
    if (stored === undefined) {
      if (session.created === "done") wrong.push(`session ${session.id} was acknowledged and is not there`);
      continue;
    }
    session.created = "done";
    wrong.push(...checkSession(session, stored, mayFail));
  }
  for (const id of disk.sessions.keys())
    if (!ledger.sessions.has(id)) wrong.push(`session ${id} is there and nobody asked for it`);
  for (const reader of readers) wrong.push(...checkReading(reader, disk));
  return wrong;
}

function checkReading({ reading, kind }: Reader, disk: DiskLogs): string[] {
  const stored = disk.sessions.get(reading.session);
  if (stored === undefined) return [];
  const who = `a reader (${kind}) of session ${reading.session}`;
  const { before } = reading;
  const wrong = before === undefined ? [] : checkRead(before, stored, `${who}, before it was resynced,`);
  return [...wrong, ...checkRead(reading, stored, who)];
}

function checkRead(
  reading: Pick<Reading, "epoch" | "fold" | "toldTail">,
  stored: DiskSession,
  who: string,
): string[] {
  if (reading.epoch === undefined) return [];
  if (stored.epoch !== reading.epoch)
    return [`${who} saw epoch ${reading.epoch}, the disk has ${stored.epoch}`];
  if (reading.toldTail > stored.fold.tail)
    return [`${who} was told of ${reading.toldTail}, the disk ends at ${stored.fold.tail}`];
  return reading.fold.missingFrom(stored.fold).map((what) => `${who} saw what is not on the disk: ${what}`);
}

function checkSession(session: SentSession, stored: DiskSession, mayFail: boolean): string[] {
  const wrong: string[] = [];
  const isKnownTitle = session.title === stored.title || session.titlesLost.includes(stored.title);
  if (session.title !== undefined && !isKnownTitle)
    wrong.push(`session ${session.id} was named "${session.title}" and is called "${stored.title}"`);
  if (session.titlesLost.includes(stored.title)) session.title = stored.title;
  session.titlesLost = [];
  session.isRenaming = false;
  const hasSteer = [...session.turns.values()].some(({ mode }) => mode === "steer");
  for (const turn of session.turns.values()) {
    const folded = stored.fold.turns.get(turn.id);
    wrong.push(
      ...checkTurn(turn, folded, stored.fold, { hasSteer, mayFail }).map(
        (what) => `turn ${turn.id} of session ${session.id}: ${what}`,
      ),
    );
    if (folded === undefined) continue;
    turn.hasEnded = folded.status === "ended" || folded.status === "withdrawn";
    if (folded.editedTo !== undefined) turn.edited = folded.editedTo;
    turn.editsLost = [];
    if (turn.withdrawn === "lost") turn.withdrawn = folded.status === "withdrawn" ? "done" : "no";
  }
  for (const id of stored.fold.turns.keys())
    if (!session.turns.has(id)) wrong.push(`turn ${id} is in session ${session.id} and nobody sent it`);
  return wrong;
}

/** What is wrong with one turn. */
function checkTurn(
  turn: SentTurn,
  folded: FoldedTurn | undefined,
  log: LogFold,
  { hasSteer, mayFail }: { readonly hasSteer: boolean; readonly mayFail: boolean },
): string[] {
  const wrong: string[] = [];
  if (folded === undefined) return turn.sent === "done" ? ["acknowledged and not there"] : [];
  if (turn.sent === "refused") wrong.push("refused and there all the same");
  if (folded.text !== turn.text) wrong.push(`sent as "${turn.text}", kept as "${folded.text}"`);
  const isKnownEdit = folded.editedTo === turn.edited || turn.editsLost.includes(folded.editedTo ?? "");
  if (!isKnownEdit) wrong.push(`edited to "${turn.edited ?? ""}", kept as "${folded.editedTo ?? ""}"`);
  if (turn.withdrawn === "done" && folded.status !== "withdrawn")
    wrong.push(`withdrawn, and is ${folded.status}`);
  if (turn.withdrawn === "no" && folded.status === "withdrawn") wrong.push("withdrawn by nobody");
  if (turn.stopped === "done" && folded.status !== "ended" && folded.status !== "withdrawn")
    wrong.push(`a stop was acknowledged, and it is ${folded.status}`);
  if (folded.outcome === "failed" && !mayFail) wrong.push("failed");
  if (folded.outcome === "stopped" && turn.stopped === "no" && !hasSteer) wrong.push("stopped by nobody");
  const said = answerText(folded);
  const whole = wholeAnswer(turn, folded, log);
  if (folded.outcome === "complete" ? said !== whole : !whole.startsWith(said))
    wrong.push(
      `${folded.outcome ?? folded.status} with ${said.length} of ${whole.length} characters: …${JSON.stringify(said.slice(-60))}`,
    );
  return wrong;
}

/** What the turn says when nothing comes between; of one that goes on from another, the rest. */
function wholeAnswer(turn: SentTurn, folded: FoldedTurn, log: LogFold): string {
  const before = turn.continues === undefined ? undefined : log.turns.get(turn.continues);
  if (before === undefined) return expectedAnswer(folded.editedTo ?? folded.text);
  return expectedAnswer(before.editedTo ?? before.text).slice(answerText(before).length);
}
