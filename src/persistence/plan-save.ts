import type { SessionId, TurnId } from "../protocol/ids.ts";
import type { ConversationMoment } from "../streaming/ports.ts";
import type { KeptHead, SettledRun } from "./conversation-records.ts";
import { recordKeys, recordRanges, SCHEMA_VERSION } from "./keys.ts";
import { planSettled, settledTurnsOf, type TurnSequence } from "./plan-settled.ts";
import { beginRun, continueRun, isWorthBeginning, turnsAfter, type TailPlan } from "./plan-tail.ts";
import type { KeyRange } from "./records.ts";

export interface SavePlan {
  readonly put: ReadonlyMap<string, unknown>;
  readonly removeRanges: readonly KeyRange[];
  /** Whether another save of the same moment has nothing left to write. */
  readonly isComplete: boolean;
}

/** Forward only within an epoch; epochs have no order, so another one needs the word of the server (PROTOCOL §1). */
export function mayFollow(head: KeptHead, moment: ConversationMoment): boolean {
  const { epoch, seq } = moment.cursor;
  return epoch === head.epoch ? seq >= head.seq : epoch === moment.confirmedEpoch;
}

/**
 * What brings the disk from `head` to `moment`: what is new, and nothing that is there. Within an epoch text at an offset
 * is the same in every tab (S2), so whichever tab wrote the head, this one goes on behind it. `fresh` names what begins.
 */
export function planSave(
  sid: SessionId,
  head: KeptHead | undefined,
  moment: ConversationMoment,
  fresh: string,
): SavePlan {
  const known = head?.epoch === moment.cursor.epoch ? head : undefined;
  if (known !== undefined && !moment.news.isReshaped && moment.news.after <= known.seq) {
    return planText(sid, known, moment);
  }
  const turns = settledTurnsOf(moment);
  const settling = planSettled(sid, known?.settled, turns, fresh);
  const { settled } = settling;
  const unfinished = turnsAfter(moment, settling.keptCount);
  const isNewest = known !== undefined && moment.news.after <= known.seq && !settling.hasGap;
  let tail: TailPlan | undefined;
  if (known?.tail !== undefined && isNewest && unfinished.length > 0) {
    tail = continueRun(sid, known, known.tail, moment, settledOnDisk(turns, known.settled));
    if (tail.tail !== undefined && isWorthBeginning(tail.tail, unfinished)) tail = undefined;
  }
  tail ??= beginRun(sid, unfinished, moment, fresh);
  const hasRuns = known?.tail !== undefined || known === undefined;
  return {
    put: new Map([
      ...settling.put,
      ...tail.put,
      [recordKeys.head(sid), headOf(moment, hasMoreOf(moment, known, settled, turns), settled, tail)],
    ]),
    removeRanges: [
      ...(settling.hasGap || known === undefined ? [recordRanges.turns(sid)] : []),
      ...(tail.isRunOver && hasRuns ? [recordRanges.chunks(sid)] : []),
    ],
    isComplete: settling.isComplete,
  };
}

/** The frequent case: text has grown, and nothing else is looked at. */
function planText(sid: SessionId, head: KeptHead, moment: ConversationMoment): SavePlan {
  const tail = head.tail === undefined ? undefined : continueRun(sid, head, head.tail, moment, () => false);
  const put = new Map(tail?.put);
  put.set(recordKeys.head(sid), headOf(moment, head.hasMore, head.settled, tail));
  return { put, removeRanges: [], isComplete: true };
}

function headOf(
  moment: ConversationMoment,
  hasMore: boolean,
  settled: SettledRun | undefined,
  plan: TailPlan | undefined,
): KeptHead {
  return {
    kind: "kept",
    version: SCHEMA_VERSION,
    ...moment.cursor,
    session: moment.session,
    hasMore,
    ...(settled === undefined ? {} : { settled }),
    ...(plan?.tail === undefined ? {} : { tail: plan.tail }),
  };
}

/** Whether the server has turns before the first one on disk. */
function hasMoreOf(
  moment: ConversationMoment,
  known: KeptHead | undefined,
  settled: SettledRun | undefined,
  turns: TurnSequence,
): boolean {
  const first = turns.at(0)?.id;
  if (settled === undefined || settled.firstTurn === first) return moment.hasMore;
  for (let index = 1; index < turns.length; index += 1) {
    // Earlier ones are in memory: they follow.
    if (turns.at(index)?.id === settled.firstTurn) return true;
  }
  return known?.hasMore ?? moment.hasMore;
}

function settledOnDisk(turns: TurnSequence, settled: SettledRun | undefined): (id: TurnId) => boolean {
  let ids: ReadonlySet<TurnId> | undefined;
  const read = (): ReadonlySet<TurnId> => {
    const found = new Set<TurnId>();
    if (settled === undefined) return found;
    for (let index = 0; index < turns.length; index += 1) {
      const id = turns.at(index)?.id;
      if (id !== undefined) found.add(id);
      if (id === settled.lastTurn) return found;
    }
    return found;
  };
  return (id) => (ids ??= read()).has(id);
}
