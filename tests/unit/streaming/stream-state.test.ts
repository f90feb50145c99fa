import { describe, expect, it } from "vitest";
import {
  createStreamMachine,
  step,
  type StreamInput,
  type StreamMachine,
} from "../../../src/streaming/stream-state.ts";

const NOW = 1_000_000;
const moment = { nowMs: NOW, fraction: 0.5 };

const connectingSnapshot = { kind: "connecting", sinceMs: NOW - 1, via: "snapshot" } as const;
const connectingStream = { kind: "connecting", sinceMs: NOW - 1, via: "stream" } as const;

const states = {
  idle: createStreamMachine({ needsSnapshot: false }),
  "connecting/snapshot": createStreamMachine({ state: connectingSnapshot, needsSnapshot: true }),
  "connecting/stream": createStreamMachine({ state: connectingStream, needsSnapshot: false }),
  "catching-up": createStreamMachine({
    state: { kind: "catching-up", sinceMs: NOW - 1, tail: 9 },
    needsSnapshot: false,
    helloAtMs: NOW - 1,
  }),
  live: createStreamMachine({
    state: { kind: "live", sinceMs: NOW - 1 },
    needsSnapshot: false,
    helloAtMs: NOW - 1,
  }),
  "live while hidden": createStreamMachine({
    state: { kind: "live", sinceMs: NOW - 1 },
    needsSnapshot: false,
    helloAtMs: NOW - 1,
    reasons: new Set(["hidden"]),
  }),
  following: createStreamMachine({
    state: { kind: "following", sinceMs: NOW - 1, isCurrent: false },
    needsSnapshot: false,
  }),
  waiting: createStreamMachine({
    state: { kind: "waiting", retryAtMs: NOW + 9 },
    needsSnapshot: false,
    attempt: 1,
  }),
  paused: createStreamMachine({
    state: { kind: "paused" },
    needsSnapshot: false,
    reasons: new Set(["hidden"]),
  }),
  closed: createStreamMachine({ state: { kind: "closed", reason: "not-found" } }),
} as const satisfies Record<string, StreamMachine>;
type State = keyof typeof states;

const inputs = {
  attach: { kind: "attach" },
  close: { kind: "close" },
  "pause hidden": { kind: "pause", reason: "hidden" },
  "pause offline": { kind: "pause", reason: "offline" },
  "pause not-viewed": { kind: "pause", reason: "not-viewed" },
  "pause signed-out": { kind: "pause", reason: "signed-out" },
  "release hidden": { kind: "release", reason: "hidden", isSuspect: false },
  "release hidden after long": { kind: "release", reason: "hidden", isSuspect: true },
  distrust: { kind: "distrust" },
  "retry-now": { kind: "retry-now" },
  "retry-due": { kind: "retry-due" },
  known: { kind: "known" },
  "snapshot-ok": { kind: "snapshot-ok" },
  "snapshot-failed retry": { kind: "snapshot-failed", verdict: { kind: "retry", afterMs: 0 } },
  "snapshot-failed signed-out": { kind: "snapshot-failed", verdict: { kind: "signed-out" } },
  "snapshot-failed deleted": { kind: "snapshot-failed", verdict: { kind: "closed", reason: "deleted" } },
  hello: { kind: "hello", tail: 9 },
  progress: { kind: "progress" },
  "caught-up": { kind: "caught-up" },
  error: { kind: "error" },
  "hello-timeout": { kind: "hello-timeout" },
  silent: { kind: "silent", hasProgressed: true },
  "idle-hidden": { kind: "idle-hidden" },
  hole: { kind: "hole" },
  resync: { kind: "resync" },
  "bye draining": { kind: "bye", reason: "draining", retryMs: 100 },
  "bye deleted": { kind: "bye", reason: "deleted", retryMs: undefined },
  "bye signed-out": { kind: "bye", reason: "signed-out", retryMs: undefined },
  "bye not-found": { kind: "bye", reason: "not-found", retryMs: undefined },
  "bye limit": { kind: "bye", reason: "limit", retryMs: undefined },
  "no-slot": { kind: "no-slot" },
  slot: { kind: "slot" },
  polled: { kind: "polled" },
  created: { kind: "created" },
  gone: { kind: "gone" },
  "update-needed": { kind: "update-needed" },
} as const satisfies Record<string, StreamInput>;
type Input = keyof typeof inputs;

/** `next state` or `next state: commands`; `same` when neither state nor reasons move. */
type Expected = string;

const same: Expected = "same";

const table: Record<State, Record<Input, Expected>> = {
  idle: {
    attach: "connecting/stream: open",
    close: "idle",
    "pause hidden": "idle [hidden]",
    "pause offline": "idle [offline]",
    "pause not-viewed": "idle [not-viewed]",
    "pause signed-out": "idle [signed-out]",
    "release hidden": same,
    "release hidden after long": same,
    distrust: same,
    "retry-now": same,
    "retry-due": same,
    known: same,
    "snapshot-ok": same,
    "snapshot-failed retry": same,
    "snapshot-failed signed-out": same,
    "snapshot-failed deleted": same,
    hello: same,
    progress: same,
    "caught-up": same,
    error: same,
    "hello-timeout": same,
    silent: same,
    "idle-hidden": same,
    hole: same,
    resync: same,
    "bye draining": same,
    "bye deleted": same,
    "bye signed-out": same,
    "bye not-found": same,
    "bye limit": same,
    "no-slot": same,
    slot: same,
    polled: same,
    created: same,
    gone: "closed/deleted: forget",
    "update-needed": "closed/update-needed",
  },
  "connecting/snapshot": {
    attach: same,
    close: "idle",
    "pause hidden": "paused [hidden]",
    "pause offline": "paused [offline]",
    "pause not-viewed": "paused [not-viewed]",
    "pause signed-out": "paused [signed-out]",
    "release hidden": same,
    "release hidden after long": same,
    distrust: "connecting/snapshot: snapshot",
    "retry-now": same,
    "retry-due": same,
    known: same,
    "snapshot-ok": "connecting/stream: open",
    "snapshot-failed retry": "waiting",
    "snapshot-failed signed-out": "paused [signed-out]: signed-out",
    "snapshot-failed deleted": "closed/deleted: forget",
    hello: same,
    progress: same,
    "caught-up": same,
    error: same,
    "hello-timeout": same,
    silent: same,
    "idle-hidden": same,
    hole: same,
    resync: same,
    "bye draining": same,
    "bye deleted": same,
    "bye signed-out": same,
    "bye not-found": same,
    "bye limit": same,
    "no-slot": same,
    slot: same,
    polled: same,
    created: same,
    gone: "closed/deleted: forget",
    "update-needed": "closed/update-needed",
  },
  "connecting/stream": {
    attach: same,
    close: "idle: close",
    "pause hidden": "paused [hidden]: close",
    "pause offline": "paused [offline]: close",
    "pause not-viewed": "paused [not-viewed]: close",
    "pause signed-out": "paused [signed-out]: close",
    "release hidden": same,
    "release hidden after long": same,
    distrust: "connecting/stream: close open",
    "retry-now": same,
    "retry-due": same,
    known: same,
    "snapshot-ok": same,
    "snapshot-failed retry": same,
    "snapshot-failed signed-out": same,
    "snapshot-failed deleted": same,
    hello: "catching-up",
    progress: same,
    "caught-up": same,
    error: "waiting: close probe",
    "hello-timeout": "waiting: close",
    silent: same,
    "idle-hidden": same,
    hole: "connecting/stream: close open",
    resync: "connecting/snapshot: close snapshot",
    "bye draining": "waiting: close",
    "bye deleted": "closed/deleted: close forget",
    "bye signed-out": "paused [signed-out]: close signed-out",
    "bye not-found": "closed/not-found: close",
    "bye limit": "waiting: close",
    "no-slot": "following: follow",
    slot: same,
    polled: same,
    created: same,
    gone: "closed/deleted: close forget",
    "update-needed": "closed/update-needed: close",
  },
  "catching-up": {
    attach: same,
    close: "idle: close",
    "pause hidden": "catching-up [hidden]",
    "pause offline": "catching-up [offline]",
    "pause not-viewed": "paused [not-viewed]: close",
    "pause signed-out": "paused [signed-out]: close",
    "release hidden": same,
    "release hidden after long": same,
    distrust: "connecting/stream: close open",
    "retry-now": same,
    "retry-due": same,
    known: same,
    "snapshot-ok": same,
    "snapshot-failed retry": same,
    "snapshot-failed signed-out": same,
    "snapshot-failed deleted": same,
    hello: same,
    progress: same,
    "caught-up": "live",
    error: "waiting: close",
    "hello-timeout": same,
    silent: "connecting/stream: close open",
    "idle-hidden": same,
    hole: "connecting/stream: close open",
    resync: "connecting/snapshot: close snapshot",
    "bye draining": "waiting: close",
    "bye deleted": "closed/deleted: close forget",
    "bye signed-out": "paused [signed-out]: close signed-out",
    "bye not-found": "closed/not-found: close",
    "bye limit": "waiting: close",
    "no-slot": same,
    slot: same,
    polled: same,
    created: same,
    gone: "closed/deleted: close forget",
    "update-needed": "closed/update-needed: close",
  },
  live: {
    attach: same,
    close: "idle: close",
    "pause hidden": "live [hidden]",
    "pause offline": "live [offline]",
    "pause not-viewed": "paused [not-viewed]: close",
    "pause signed-out": "paused [signed-out]: close",
    "release hidden": same,
    "release hidden after long": same,
    distrust: "connecting/stream: close open",
    "retry-now": same,
    "retry-due": same,
    known: same,
    "snapshot-ok": same,
    "snapshot-failed retry": same,
    "snapshot-failed signed-out": same,
    "snapshot-failed deleted": same,
    hello: same,
    progress: same,
    "caught-up": same,
    error: "waiting: close",
    "hello-timeout": same,
    silent: "connecting/stream: close open",
    "idle-hidden": same,
    hole: "connecting/stream: close open",
    resync: "connecting/snapshot: close snapshot",
    "bye draining": "waiting: close",
    "bye deleted": "closed/deleted: close forget",
    "bye signed-out": "paused [signed-out]: close signed-out",
    "bye not-found": "closed/not-found: close",
    "bye limit": "waiting: close",
    "no-slot": same,
    slot: same,
    polled: same,
    created: same,
    gone: "closed/deleted: close forget",
    "update-needed": "closed/update-needed: close",
  },
  "live while hidden": {
    attach: same,
    close: "idle [hidden]: close",
    "pause hidden": same,
    "pause offline": "live [hidden offline]",
    "pause not-viewed": "paused [hidden not-viewed]: close",
    "pause signed-out": "paused [hidden signed-out]: close",
    "release hidden": "live",
    "release hidden after long": "connecting/stream: close open",
    distrust: same,
    "retry-now": same,
    "retry-due": same,
    known: same,
    "snapshot-ok": same,
    "snapshot-failed retry": same,
    "snapshot-failed signed-out": same,
    "snapshot-failed deleted": same,
    hello: same,
    progress: same,
    "caught-up": same,
    error: "paused [hidden]: close",
    "hello-timeout": same,
    silent: "paused [hidden]: close",
    "idle-hidden": "paused [hidden]: close",
    hole: "paused [hidden]: close",
    resync: "paused [hidden]: close",
    "bye draining": "paused [hidden]: close",
    "bye deleted": "closed/deleted [hidden]: close forget",
    "bye signed-out": "paused [hidden signed-out]: close signed-out",
    "bye not-found": "closed/not-found [hidden]: close",
    "bye limit": "paused [hidden]: close",
    "no-slot": same,
    slot: same,
    polled: same,
    created: same,
    gone: "closed/deleted [hidden]: close forget",
    "update-needed": "closed/update-needed [hidden]: close",
  },
  following: {
    attach: same,
    close: "idle",
    "pause hidden": "paused [hidden]",
    "pause offline": "paused [offline]",
    "pause not-viewed": "paused [not-viewed]",
    "pause signed-out": "paused [signed-out]",
    "release hidden": same,
    "release hidden after long": same,
    distrust: "connecting/stream: open",
    "retry-now": "following: follow",
    "retry-due": same,
    known: same,
    "snapshot-ok": same,
    "snapshot-failed retry": "waiting",
    "snapshot-failed signed-out": "paused [signed-out]: signed-out",
    "snapshot-failed deleted": "closed/deleted: forget",
    hello: same,
    progress: same,
    "caught-up": same,
    error: same,
    "hello-timeout": same,
    silent: same,
    "idle-hidden": same,
    hole: "connecting/stream: open",
    resync: "connecting/snapshot: snapshot",
    "bye draining": same,
    "bye deleted": same,
    "bye signed-out": same,
    "bye not-found": same,
    "bye limit": same,
    "no-slot": same,
    slot: "connecting/stream: open",
    polled: "following",
    created: same,
    gone: "closed/deleted: forget",
    "update-needed": "closed/update-needed",
  },
  waiting: {
    attach: same,
    close: "idle",
    "pause hidden": "paused [hidden]",
    "pause offline": "paused [offline]",
    "pause not-viewed": "paused [not-viewed]",
    "pause signed-out": "paused [signed-out]",
    "release hidden": same,
    "release hidden after long": same,
    distrust: "connecting/stream: open",
    "retry-now": "connecting/stream: open",
    "retry-due": "connecting/stream: open",
    known: same,
    "snapshot-ok": same,
    "snapshot-failed retry": same,
    "snapshot-failed signed-out": same,
    "snapshot-failed deleted": same,
    hello: same,
    progress: same,
    "caught-up": same,
    error: same,
    "hello-timeout": same,
    silent: same,
    "idle-hidden": same,
    hole: same,
    resync: same,
    "bye draining": same,
    "bye deleted": same,
    "bye signed-out": same,
    "bye not-found": same,
    "bye limit": same,
    "no-slot": same,
    slot: same,
    polled: same,
    created: same,
    gone: "closed/deleted: forget",
    "update-needed": "closed/update-needed",
  },
  paused: {
    attach: "paused [hidden]",
    close: "idle [hidden]",
    "pause hidden": same,
    "pause offline": "paused [hidden offline]",
    "pause not-viewed": "paused [hidden not-viewed]",
    "pause signed-out": "paused [hidden signed-out]",
    "release hidden": "connecting/stream: open",
    "release hidden after long": "connecting/stream: open",
    distrust: same,
    "retry-now": same,
    "retry-due": same,
    known: same,
    "snapshot-ok": same,
    "snapshot-failed retry": same,
    "snapshot-failed signed-out": same,
    "snapshot-failed deleted": same,
    hello: same,
    progress: same,
    "caught-up": same,
    error: same,
    "hello-timeout": same,
    silent: same,
    "idle-hidden": same,
    hole: same,
    resync: same,
    "bye draining": same,
    "bye deleted": same,
    "bye signed-out": same,
    "bye not-found": same,
    "bye limit": same,
    "no-slot": same,
    slot: same,
    polled: same,
    created: same,
    gone: "closed/deleted [hidden]: forget",
    "update-needed": "closed/update-needed [hidden]",
  },
  closed: {
    attach: same,
    close: same,
    "pause hidden": same,
    "pause offline": same,
    "pause not-viewed": same,
    "pause signed-out": same,
    "release hidden": same,
    "release hidden after long": same,
    distrust: same,
    "retry-now": same,
    "retry-due": same,
    known: same,
    "snapshot-ok": same,
    "snapshot-failed retry": same,
    "snapshot-failed signed-out": same,
    "snapshot-failed deleted": same,
    hello: same,
    progress: same,
    "caught-up": same,
    error: same,
    "hello-timeout": same,
    silent: same,
    "idle-hidden": same,
    hole: same,
    resync: same,
    "bye draining": same,
    "bye deleted": same,
    "bye signed-out": same,
    "bye not-found": same,
    "bye limit": same,
    "no-slot": same,
    slot: same,
    polled: same,
    created: same,
    gone: same,
    "update-needed": same,
  },
};

function describeStep(before: StreamMachine, input: StreamInput): Expected {
  const { machine, commands } = step(before, input, moment);
  if (machine.state === before.state && machine.reasons === before.reasons && commands.length === 0)
    return same;
  const { state } = machine;
  const detail =
    state.kind === "connecting" ? `/${state.via}` : state.kind === "closed" ? `/${state.reason}` : "";
  const reasons = machine.reasons.size === 0 ? "" : ` [${[...machine.reasons].join(" ")}]`;
  const tail = commands.length === 0 ? "" : `: ${commands.join(" ")}`;
  return `${state.kind}${detail}${reasons}${tail}`;
}

describe.each(Object.entries(states))("from %s", (name, before) => {
  it.each(Object.entries(inputs))("%s leads where the drawing says", (inputName, input) => {
    expect(describeStep(before, input)).toBe(table[name as State][inputName as Input]);
  });
});

it("never opens or fetches while a reason holds, whatever comes (S5)", () => {
  const reasons = ["hidden", "offline", "not-viewed", "signed-out"] as const;
  for (const machine of Object.values(states)) {
    for (const reason of reasons) {
      for (const input of Object.values(inputs)) {
        const held = { ...machine, reasons: new Set([reason, "offline" as const]) };
        const { commands } = step(held, input, moment);
        expect(commands).not.toContain("open");
        expect(commands).not.toContain("snapshot");
        expect(commands).not.toContain("probe");
        expect(commands).not.toContain("follow");
      }
    }
  }
});

it("counts failures up until a connection lived for five seconds", () => {
  const failing = { ...states.live, attempt: 4, helloAtMs: NOW - 4_999 };
  expect(step(failing, { kind: "error" }, moment).machine.attempt).toBe(5);
  const lived = { ...states.live, attempt: 4, helloAtMs: NOW - 5_000 };
  expect(step(lived, { kind: "error" }, moment).machine.attempt).toBe(1);
});

it("answers the second hole in a row with the snapshot and later ones with a wait", () => {
  const first = step(states.live, { kind: "hole" }, moment).machine;
  const again = { ...first, state: states.live.state, helloAtMs: NOW };
  const second = step(again, { kind: "hole" }, moment);
  expect(second.commands).toEqual(["close", "snapshot"]);
  const third = step(
    { ...second.machine, state: states.live.state, helloAtMs: NOW },
    { kind: "hole" },
    moment,
  );
  expect(third.machine.state.kind).toBe("waiting");
});

it("a hole after progress is the first one again", () => {
  const failing = { ...states.live, attempt: 7, holes: 3, helloAtMs: NOW };
  const taken = step(failing, { kind: "hole", hasProgressed: true }, moment);
  expect(taken.commands).toEqual(["close", "open"]);
  expect(taken.machine).toMatchObject({ attempt: 0, holes: 1, needsSnapshot: false });
});

it("waits before the second resync in a row, so that a broken server is no hot loop", () => {
  const first = step(states.live, { kind: "resync" }, moment).machine;
  const second = step({ ...first, state: connectingStream }, { kind: "resync" }, moment);
  expect(second.machine.state).toEqual({ kind: "waiting", retryAtMs: NOW + 500 });
  expect(second.machine.needsSnapshot).toBe(true);
});

it("doubles its patience after a death without progress and not beyond eight times", () => {
  let machine: StreamMachine = states.live;
  const factors: number[] = [];
  for (let death = 0; death < 5; death += 1) {
    machine = step(
      { ...machine, state: states.live.state },
      { kind: "silent", hasProgressed: false },
      moment,
    ).machine;
    factors.push(machine.silenceFactor);
  }
  expect(factors).toEqual([2, 4, 8, 8, 8]);
  const alive = step(
    { ...machine, state: states.live.state },
    { kind: "silent", hasProgressed: true },
    moment,
  );
  expect(alive.machine.silenceFactor).toBe(1);
});

it.each([
  ["text over the stream", states["catching-up"], inputs.progress],
  ["that nothing is owed any more", states["catching-up"], inputs["caught-up"]],
  [
    "the whole conversation",
    { ...states["connecting/stream"], state: { kind: "connecting", sinceMs: NOW, via: "snapshot" } },
    inputs["snapshot-ok"],
  ],
  ["a new beginning after a sleep", states["catching-up"], inputs.distrust],
] as const)("loses its patience as soon as it learns: %s", (_what, before, input) => {
  expect(step({ ...before, silenceFactor: 8 }, input, moment).machine.silenceFactor).toBe(1);
});

it("keeps its patience over failures, greetings and waits, which bring nothing of what is owed", () => {
  let machine: StreamMachine = { ...states["catching-up"], silenceFactor: 4 };
  for (const input of [
    inputs.error,
    inputs["retry-due"],
    inputs.hello,
    inputs["bye draining"],
    inputs["retry-due"],
  ]) {
    machine = step(machine, input, moment).machine;
    expect(machine.silenceFactor).toBe(4);
  }
});

it("leaves a draining server alone for at least as long as it asked", () => {
  const { machine } = step(states.live, inputs["bye draining"], moment);
  expect(machine.state).toEqual({ kind: "waiting", retryAtMs: NOW + 150 });
});

it("connects nothing for a session that the server does not know yet", () => {
  const unborn = createStreamMachine({ isUnborn: true, needsSnapshot: false });
  expect(step(unborn, { kind: "attach" }, moment).commands).toEqual([]);
  const born = step(unborn, { kind: "created" }, moment).machine;
  expect(step(born, { kind: "attach" }, moment).commands).toEqual(["open"]);
});

it("takes not-found of an unborn session for what it is", () => {
  const unborn = { ...states["connecting/stream"], isUnborn: true };
  expect(step(unborn, inputs["bye not-found"], moment).machine.state.kind).toBe("idle");
});
