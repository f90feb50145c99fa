import type { ByeReason } from "../protocol/frames.ts";
import { LIFE_MS, MAX_SILENCE_FACTOR } from "./delays.ts";
import type { ConnectionState, PauseReason } from "./ports.ts";
import { drainingDelayMs, retryDelayMs } from "./reconnect-policy.ts";

/**
 * The connection of one session, as values: no clock, no source, no callback.
 *
 *            attach                 hello                caught-up
 *   idle ─────────────▶ connecting ───────▶ catching-up ──────────▶ live
 *                        ▲  ▲   │ ▲              │                   │
 *            retry-due,  │  │   │ └── resync, hole, silent, distrust ┤  (close, connect again at once)
 *            retry-now   │  │   ▼                ▼                   ▼
 *                        │  waiting ◀──── error, hello-timeout, bye draining/limit
 *                        │                                           │
 *    last reason gone    │            error, silent, idle-hidden     │
 *                        └── paused ◀────── while a reason holds ────┘
 *
 *   bye deleted/not-found, gone, update-needed: from anywhere to `closed`, which absorbs everything.
 *
 * `connecting` goes `via` the snapshot first when there is no usable cursor.
 * `following` stands beside `live`: from `connecting` on no-slot, back to it on slot, hole and resync; the log is read
 * page by page, without a source of its own (S1).
 * Beside the state stands the set of reasons to pause. No state but `live` and `catching-up` coexists with `hidden` or
 * `offline`: a stream that is open stays open (its turn's end can notify), none is opened (S5).
 * `not-viewed` and `signed-out` close in any state (S1).
 */
export type StreamState =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting"; readonly sinceMs: number; readonly via: "snapshot" | "stream" }
  | { readonly kind: "catching-up"; readonly sinceMs: number; readonly tail: number }
  | { readonly kind: "live"; readonly sinceMs: number }
  /** Other tabs hold all the streams there may be: kept current by polling, and shown as live once the first answer came. */
  | { readonly kind: "following"; readonly sinceMs: number; readonly isCurrent: boolean }
  | { readonly kind: "waiting"; readonly retryAtMs: number }
  | { readonly kind: "paused" }
  | { readonly kind: "closed"; readonly reason: ClosedReason };

export type ClosedReason = Extract<ConnectionState, { kind: "closed" }>["reason"];

export interface StreamMachine {
  readonly state: StreamState;
  readonly reasons: ReadonlySet<PauseReason>;
  /** Whether the snapshot must be read before a stream can be opened. */
  readonly needsSnapshot: boolean;
  /** Begun in this tab, and the server does not know it yet: nothing to connect to. */
  readonly isUnborn: boolean;
  /** Failures in a row, none of which lived 5 s. */
  readonly attempt: number;
  /** Holes in a row, none after progress or 5 s of life: the first is answered by reattaching, the next by the snapshot. */
  readonly holes: number;
  /** When the open connection said `hello`, or polling became current. */
  readonly helloAtMs: number | undefined;
  /**
   * The watchdog's limit is multiplied by this while the server owes text. Above 1 only as long as nothing of it has come
   * since a line died that owed text and brought none: the first that comes takes it back. A ping does
   * not: a line may ping and then be held up by one long message each time, and would be cut there for ever.
   */
  readonly silenceFactor: number;
}

/** What an API's refusal means for a connection. */
export type ConnectVerdict =
  | { readonly kind: "retry"; readonly afterMs: number }
  | { readonly kind: "signed-out" }
  | { readonly kind: "closed"; readonly reason: ClosedReason };

export type StreamInput =
  | { readonly kind: "attach" }
  | { readonly kind: "close" }
  | { readonly kind: "pause"; readonly reason: PauseReason }
  /** `isSuspect`: away for so long that an open socket is not believed. */
  | { readonly kind: "release"; readonly reason: PauseReason; readonly isSuspect: boolean }
  | { readonly kind: "distrust" }
  | { readonly kind: "retry-now" }
  | { readonly kind: "retry-due" }
  /** A usable cursor was found on disk. */
  | { readonly kind: "known" }
  | { readonly kind: "snapshot-ok" }
  | { readonly kind: "snapshot-failed"; readonly verdict: ConnectVerdict }
  | { readonly kind: "hello"; readonly tail: number }
  /** Text that was owed has come over the stream. */
  | { readonly kind: "progress" }
  | { readonly kind: "caught-up" }
  | { readonly kind: "error" }
  | { readonly kind: "hello-timeout" }
  /** `hasProgressed`: text came over the line, or none was owed. */
  | { readonly kind: "silent"; readonly hasProgressed: boolean }
  | { readonly kind: "idle-hidden" }
  /** `hasProgressed`: frames of this reading were folded before it, so asking again gets further. */
  | { readonly kind: "hole"; readonly hasProgressed?: boolean }
  | { readonly kind: "resync" }
  | { readonly kind: "bye"; readonly reason: ByeReason; readonly retryMs: number | undefined }
  /** No leave to stream for now, and leave at last. */
  | { readonly kind: "no-slot" }
  | { readonly kind: "slot" }
  | { readonly kind: "polled" }
  | { readonly kind: "created" }
  | { readonly kind: "gone" }
  | { readonly kind: "update-needed" };

/** `close` comes first and means the entry that was open when the step was taken. */
export type StreamCommand = "close" | "open" | "follow" | "snapshot" | "probe" | "forget" | "signed-out";

export interface Moment {
  readonly nowMs: number;
  /** In [0, 1). */
  readonly fraction: number;
}

export interface Step {
  readonly machine: StreamMachine;
  readonly commands: readonly StreamCommand[];
}

export function createStreamMachine(fields: Partial<StreamMachine> = {}): StreamMachine {
  return {
    state: { kind: "idle" },
    reasons: new Set(),
    needsSnapshot: true,
    isUnborn: false,
    attempt: 0,
    holes: 0,
    helloAtMs: undefined,
    silenceFactor: 1,
    ...fields,
  };
}

/** Whether an `EventSource` belongs to this state. */
export function isOpenState(state: StreamState): boolean {
  return (
    state.kind === "live" ||
    state.kind === "catching-up" ||
    (state.kind === "connecting" && state.via === "stream")
  );
}

/** Whether a stream is open, on its way, or waited for: leave to stream is kept. */
export function wantsStream(state: StreamState): boolean {
  return state.kind !== "idle" && state.kind !== "paused" && state.kind !== "closed";
}

/** Whether frames arrive, by a stream or by polling. */
function isReading(state: StreamState): boolean {
  return isOpenState(state) || state.kind === "following";
}

/** Whether the server has greeted: an open stream, not one on its way. */
function isGreeted(state: StreamState): boolean {
  return state.kind === "live" || state.kind === "catching-up";
}

/** The next state and what is to be done about it. Pure. */
export function step(machine: StreamMachine, input: StreamInput, moment: Moment): Step {
  const { state } = machine;
  if (state.kind === "closed") return stay(machine);
  switch (input.kind) {
    case "attach":
      return state.kind === "idle" || state.kind === "paused" ? connect(machine, moment) : stay(machine);
    case "close":
      return rest(machine, { kind: "idle" });
    case "pause":
      return pause(machine, input.reason);
    case "release":
      return release(machine, input.reason, input.isSuspect, moment);
    case "distrust":
      // Without backoff: the failure was the device's sleep, not the server's.
      return machine.reasons.size > 0 || state.kind === "idle"
        ? stay(machine)
        : connect(fresh(machine), moment);
    case "retry-now":
      if (state.kind === "following") return followAgain(machine, state);
      return state.kind === "waiting" ? connect(fresh(machine), moment) : stay(machine);
    case "retry-due":
      return state.kind === "waiting" ? connect(machine, moment) : stay(machine);
    case "known":
      return stay({ ...machine, needsSnapshot: false });
    case "snapshot-ok":
      return state.kind === "connecting" && state.via === "snapshot"
        ? connect({ ...machine, needsSnapshot: false, silenceFactor: 1 }, moment)
        : stay(machine);
    case "snapshot-failed":
      return state.kind === "following" || (state.kind === "connecting" && state.via === "snapshot")
        ? refuse(machine, input.verdict, moment)
        : stay(machine);
    case "hello":
      return state.kind === "connecting" && state.via === "stream"
        ? stay({
            ...machine,
            state: { kind: "catching-up", sinceMs: moment.nowMs, tail: input.tail },
            helloAtMs: moment.nowMs,
          })
        : stay(machine);
    case "progress":
      return machine.silenceFactor > 1 && isGreeted(state)
        ? stay({ ...machine, silenceFactor: 1 })
        : stay(machine);
    case "caught-up":
      return state.kind === "catching-up"
        ? stay({ ...machine, state: { kind: "live", sinceMs: moment.nowMs }, silenceFactor: 1 })
        : stay(machine);
    case "error":
      if (!isOpenState(state)) return stay(machine);
      return isGreeted(state) ? fail(machine, moment) : withProbe(fail(machine, moment));
    case "hello-timeout":
      return isOpenState(state) && !isGreeted(state) ? fail(machine, moment) : stay(machine);
    case "silent":
      return isGreeted(state) ? die(machine, input.hasProgressed, moment) : stay(machine);
    case "idle-hidden":
      return isGreeted(state) && machine.reasons.has("hidden")
        ? rest(machine, { kind: "paused" })
        : stay(machine);
    case "hole":
      return isReading(state) ? meetHole(machine, input.hasProgressed === true, moment) : stay(machine);
    case "resync":
      return isReading(state) ? resync(machine, moment) : stay(machine);
    case "bye":
      return isOpenState(state) ? bye(machine, input.reason, input.retryMs, moment) : stay(machine);
    case "no-slot":
      return state.kind === "connecting" && state.via === "stream" && machine.reasons.size === 0
        ? {
            machine: { ...machine, state: { kind: "following", sinceMs: moment.nowMs, isCurrent: false } },
            commands: ["follow"],
          }
        : stay(machine);
    case "polled":
      return state.kind === "following" && !state.isCurrent
        ? stay({
            ...machine,
            state: { kind: "following", sinceMs: moment.nowMs, isCurrent: true },
            helloAtMs: moment.nowMs,
          })
        : stay(machine);
    case "slot":
      return state.kind === "following" ? connect(machine, moment) : stay(machine);
    case "created":
      return machine.isUnborn ? stay({ ...machine, isUnborn: false }) : stay(machine);
    case "gone":
      return close(machine, "deleted");
    case "update-needed":
      return close(machine, "update-needed");
  }
}

function stay(machine: StreamMachine): Step {
  return { machine, commands: [] };
}

/** "Commands act on the entry": what was open is closed before anything else is begun (S1). */
function closing(machine: StreamMachine): readonly StreamCommand[] {
  return isOpenState(machine.state) ? ["close"] : [];
}

/** Ends what is going on without failure. */
function rest(machine: StreamMachine, state: StreamState): Step {
  return { machine: { ...machine, state, helloAtMs: undefined }, commands: closing(machine) };
}

/** A new beginning: what was learnt of the way to the server is of before (a sleep, another network), or disproved. */
function fresh(machine: StreamMachine): StreamMachine {
  return { ...machine, attempt: 0, holes: 0, silenceFactor: 1 };
}

/** S5: with a reason to pause nothing is opened and nothing is fetched. */
function connect(machine: StreamMachine, moment: Moment): Step {
  if (machine.reasons.size > 0) return rest(machine, { kind: "paused" });
  if (machine.isUnborn) return rest(machine, { kind: "idle" });
  const via = machine.needsSnapshot ? "snapshot" : "stream";
  return {
    machine: { ...machine, state: { kind: "connecting", sinceMs: moment.nowMs, via }, helloAtMs: undefined },
    commands: [...closing(machine), via === "snapshot" ? "snapshot" : "open"],
  };
}

/** Polls now: a new state object, which the poll on its way or due finds in the place of its own (S6). */
function followAgain(machine: StreamMachine, state: Extract<StreamState, { kind: "following" }>): Step {
  if (machine.reasons.size > 0) return stay(machine);
  return { machine: { ...machine, state: { ...state } }, commands: ["follow"] };
}

/** One more failure; a connection that lived 5 s wipes the slate (a budget that is never reset ends in errors for good). */
function counted(machine: StreamMachine, moment: Moment): StreamMachine {
  const hasLived = machine.helloAtMs !== undefined && moment.nowMs - machine.helloAtMs >= LIFE_MS;
  return hasLived ? { ...machine, attempt: 1, holes: 0 } : { ...machine, attempt: machine.attempt + 1 };
}

function wait(machine: StreamMachine, delayMs: number, moment: Moment): Step {
  if (machine.reasons.size > 0) return rest(machine, { kind: "paused" });
  return rest(machine, { kind: "waiting", retryAtMs: moment.nowMs + delayMs });
}

function fail(machine: StreamMachine, moment: Moment, atLeastMs = 0): Step {
  const next = counted(machine, moment);
  return wait(next, atLeastMs + retryDelayMs(next.attempt, moment.fraction), moment);
}

/** PROTOCOL §3: an `EventSource` can't see a status, so an error before `hello` is looked into with one request. */
function withProbe(taken: Step): Step {
  return taken.machine.reasons.size > 0 ? taken : { ...taken, commands: [...taken.commands, "probe"] };
}

function pause(machine: StreamMachine, reason: PauseReason): Step {
  if (machine.reasons.has(reason)) return stay(machine);
  const next = { ...machine, reasons: new Set([...machine.reasons, reason]) };
  if (machine.state.kind === "idle") return stay(next);
  const staysOpen = (reason === "hidden" || reason === "offline") && isGreeted(machine.state);
  return staysOpen ? stay(next) : rest(next, { kind: "paused" });
}

function release(machine: StreamMachine, reason: PauseReason, isSuspect: boolean, moment: Moment): Step {
  if (!machine.reasons.has(reason)) return stay(machine);
  const reasons = new Set(machine.reasons);
  reasons.delete(reason);
  const next = { ...machine, reasons };
  if (reasons.size > 0 || machine.state.kind === "idle") return stay(next);
  return machine.state.kind === "paused" || isSuspect ? connect(fresh(next), moment) : stay(next);
}

/** Silence: reopened at once, for it took 2.5 heartbeats already; patience doubles if the line owed text and brought none. */
function die(machine: StreamMachine, hasProgressed: boolean, moment: Moment): Step {
  const silenceFactor = hasProgressed ? 1 : Math.min(machine.silenceFactor * 2, MAX_SILENCE_FACTOR);
  return connect({ ...counted(machine, moment), silenceFactor }, moment);
}

/**
 * PROTOCOL §3: "a hole; reattach once, then the snapshot". Later ones wait, so that a broken log is no hot loop:
 * a line that only reorders frames brings some each time, and ends where the log does.
 */
function meetHole(machine: StreamMachine, hasProgressed: boolean, moment: Moment): Step {
  const next = hasProgressed ? fresh(machine) : counted(machine, moment);
  const holes = next.holes + 1;
  if (holes === 1) return connect({ ...next, holes }, moment);
  const reading = { ...next, holes, needsSnapshot: true };
  if (holes === 2) return connect(reading, moment);
  return wait(reading, retryDelayMs(next.attempt, moment.fraction), moment);
}

/** Counts as two holes: a second one in a row, or a hole on its heels, waits. Failures to connect before it don't count. */
function resync(machine: StreamMachine, moment: Moment): Step {
  const next = counted(machine, moment);
  const reading = { ...next, holes: Math.max(next.holes, 1) + 1, needsSnapshot: true };
  if (reading.holes === 2) return connect(reading, moment);
  return wait(reading, retryDelayMs(next.attempt, moment.fraction), moment);
}

function refuse(machine: StreamMachine, verdict: ConnectVerdict, moment: Moment): Step {
  switch (verdict.kind) {
    case "retry":
      return fail(machine, moment, verdict.afterMs);
    case "signed-out":
      return signOut(machine);
    case "closed":
      if (verdict.reason === "not-found" && machine.isUnborn) return rest(machine, { kind: "idle" });
      return close(machine, verdict.reason);
  }
}

function bye(machine: StreamMachine, reason: ByeReason, retryMs: number | undefined, moment: Moment): Step {
  switch (reason) {
    case "draining":
      return wait(counted(machine, moment), drainingDelayMs(retryMs, moment.fraction), moment);
    case "limit":
      return fail(machine, moment, retryMs ?? 0);
    case "signed-out":
      return signOut(machine);
    case "deleted":
      return close(machine, "deleted");
    case "not-found":
      return machine.isUnborn ? rest(machine, { kind: "idle" }) : close(machine, "not-found");
  }
}

function signOut(machine: StreamMachine): Step {
  const paused = pause(machine, "signed-out");
  return { ...paused, commands: [...paused.commands, "signed-out"] };
}

function close(machine: StreamMachine, reason: ClosedReason): Step {
  const closed = rest(machine, { kind: "closed", reason });
  return reason === "deleted" ? { ...closed, commands: [...closed.commands, "forget"] } : closed;
}
