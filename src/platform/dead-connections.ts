import type { Clock } from "../streaming/ports.ts";

/** A connect of which nothing is heard for so long may be waiting on a dead connection. Unit: ms. */
export const DOUBT_MS = 300;

/** Questions that a browser has under way at once to an origin over HTTP/1.1, beside the stream's. */
const SHED_QUESTIONS = 5;

/** What no connection answers by then is given up, and its connection with it. Unit: ms. */
const SHED_MS = 300;

/** How the line is tried. */
export interface LineTrial {
  readonly clock: Clock;
  /** Asks the server for something small, past every cache; resolves when the answer was read, rejects when aborted. */
  readonly ask: (signal: AbortSignal) => Promise<unknown>;
}

/**
 * Makes a browser drop the connections it keeps that died without a word: after a sleep, another network, a forgotten
 * NAT entry. A page can't ask for a fresh connection, and one that hangs is only given up with its request. So as
 * many questions as there can be kept connections are asked at once; what has no answer within 300 ms is aborted,
 * which closes what it hung on. Resolves true once the server has answered, over a connection that lives;
 * false when `signal` aborts or the server can't be reached. Never rejects.
 */
export async function shedDeadConnections(trial: LineTrial, signal: AbortSignal): Promise<boolean> {
  const round = new AbortController();
  const giveUp = (): void => round.abort();
  signal.addEventListener("abort", giveUp);
  const stopTimer = trial.clock.setTimer(SHED_MS, giveUp);
  const questions = Array.from({ length: SHED_QUESTIONS }, () => trial.ask(round.signal));
  const isAnswered = await isAny(questions);
  stopTimer();
  round.abort();
  signal.removeEventListener("abort", giveUp);
  if (isAnswered || signal.aborted) return !signal.aborted;
  // All kept ones may have been dead; this question makes its own connection. On a slow line it takes its time.
  return (await isAny([trial.ask(signal)])) && !signal.aborted;
}

async function isAny(questions: readonly Promise<unknown>[]): Promise<boolean> {
  try {
    await Promise.any(questions);
    return true;
  } catch {
    // Aborted or unreachable, every one of them.
    return false;
  }
}
