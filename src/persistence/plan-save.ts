import type { SessionId, TurnId } from "../protocol/ids.ts";
import type { ConversationMoment, LogNews } from "../streaming/ports.ts";
import type { KeptHead, SettledRun } from "./conversation-records.ts";
import { recordRanges, SCHEMA_VERSION } from "./keys.ts";
import { planSettled, REFERRING, settledTurnsOf, type TurnSequence } from "./plan-settled.ts";
import {
  beginRun,
  continueRun,
  endsInNews,
  isWorthBeginning,
  turnsAfter,
  type TailPlan,
} from "./plan-tail.ts";
import type { KeyRange } from "./records.ts";

export interface SavePlan {
  /** Without the head. */
  readonly put: ReadonlyMap<string, unknown>;
  readonly removeRanges: readonly KeyRange[];
  /** The disk as it is then, the last chunk counted. */
  readonly head: KeptHead;
  /** Whether it says more than the head on disk with the chunks that are put: then it is to be put too. */
  readonly isHeadNew: boolean;
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
  referring = REFERRING,
): SavePlan {
  const known = head?.epoch === moment.cursor.epoch ? head : undefined;
  const text = known === undefined ? undefined : planText(sid, known, moment);
  if (text !== undefined) return text;
  const turns = settledTurnsOf(moment);
  const goingOn =
    known?.tail === undefined || moment.news.after > known.seq || mayRepeatUnknown(known, moment.news, turns)
      ? undefined
      : continueRun(sid, known, known.tail, moment, settledOnDisk(turns, known.settled));
  const hasLastTurn =
    known?.settled !== undefined || endsInNews(moment.news, known?.seq ?? 0, turns.at(turns.length - 1)?.id);
  const referable = goingOn === undefined || !hasLastTurn ? undefined : { run: goingOn.run, ...referring };
  const settling = planSettled(sid, known?.settled, turns, fresh, referable);
  const { settled, isRunReferred } = settling;
  const unfinished = turnsAfter(moment, settling.keptCount);
  const isGoingOn =
    goingOn !== undefined &&
    !settling.hasGap &&
    !isRunReferred &&
    unfinished.length > 0 &&
    !isWorthBeginning(goingOn.run, unfinished);
  const tail = isGoingOn ? goingOn : beginRun(sid, unfinished, moment, fresh);
  return {
    put: new Map([...settling.put, ...(isRunReferred ? (goingOn?.put ?? []) : []), ...tail.put]),
    removeRanges: rangesLeft(),
    head: headOf(moment, hasMoreOf(moment, known, settled, turns), settled, tail),
    isHeadNew: true,
    isComplete: settling.isComplete,
  };

  function rangesLeft(): readonly KeyRange[] {
    if (known === undefined || settling.hasGap) return [recordRanges.turns(sid), recordRanges.chunks(sid)];
    if (known.tail === undefined || isGoingOn || isRunReferred) return [];
    return [recordRanges.run(sid, known.tail.run)];
  }
}

/** The frequent case: text has grown, and nothing else is looked at. Undefined: it is not that case. */
export function planText(sid: SessionId, head: KeptHead, moment: ConversationMoment): SavePlan | undefined {
  if (moment.cursor.epoch !== head.epoch || moment.cursor.seq < head.seq) return undefined;
  if (moment.news.isReshaped || moment.news.after > head.seq) return undefined;
  const tail = head.tail === undefined ? undefined : continueRun(sid, head, head.tail, moment, () => false);
  const put = tail?.put ?? new Map<string, unknown>();
  const next = headOf(moment, head.hasMore, head.settled, tail);
  // The cursor is in the chunk.
  const isHeadNew = put.size === 0 || !isSameKind(head, next);
  return { put, removeRanges: [], head: next, isHeadNew, isComplete: true };
}

/**
 * Whether a frame that repeats what was before may bring settled turns into a run that does not hold them: a tab that knew
 * only the end of the session began it, without any settled turn. They would come back there as new ones, behind others.
 */
function mayRepeatUnknown(known: KeptHead, news: LogNews, turns: TurnSequence): boolean {
  return (
    known.settled === undefined &&
    known.hasMore &&
    turns.length > 0 &&
    news.frames.some(({ from, seq }) => from <= known.seq && known.seq < seq)
  );
}

/** Whether the chunks say all that is different. */
function isSameKind(head: KeptHead, next: KeptHead): boolean {
  return (
    head.tail?.reattach === next.tail?.reattach &&
    head.tail?.startedAtMs === next.tail?.startedAtMs &&
    JSON.stringify(head.session) === JSON.stringify(next.session)
  );
}

function headOf(
  moment: ConversationMoment,
  hasMore: boolean,
  settled: SettledRun | undefined,
  plan: TailPlan | undefined,
): KeptHead {
  const { inflight } = moment;
  const state = { reattach: inflight?.reattach ?? false, startedAtMs: inflight?.startedAtMs ?? 0 };
  return {
    kind: "kept",
    version: SCHEMA_VERSION,
    ...moment.cursor,
    session: moment.session,
    hasMore,
    ...(settled === undefined ? {} : { settled }),
    ...(plan?.run === undefined ? {} : { tail: { ...plan.run, ...state } }),
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
