import { expect, test } from "vitest";
import { connectionChip, type ConnectionFacts } from "../../../src/state/connection-chip.ts";
import type { ConnectionState, PauseReason } from "../../../src/streaming/ports.ts";

const WELL: ConnectionFacts = {
  isSignedOut: false,
  isOffline: false,
  isHidden: false,
  isUpdateNeeded: false,
  listFailure: undefined,
  connection: { kind: "live", sinceMs: 0 },
  reasons: new Set(),
};
const WORDS = ["Live", "Catching up", "Reconnecting in", "Paused while hidden", "Offline", "Signed out"];
const chip = (facts: Partial<ConnectionFacts>, nowMs = 0) => connectionChip({ ...WELL, ...facts }, nowMs);
const paused = (reason: PauseReason): Partial<ConnectionFacts> => ({
  connection: { kind: "paused" },
  reasons: new Set([reason]),
});

const STATES: Record<ConnectionState["kind"], readonly [ConnectionState, string]> = {
  idle: [{ kind: "idle" }, "Live"],
  connecting: [{ kind: "connecting", sinceMs: 0, attempt: 1 }, "Catching up"],
  "catching-up": [{ kind: "catching-up", sinceMs: 0, tail: 9 }, "Catching up"],
  live: [{ kind: "live", sinceMs: 0 }, "Live"],
  waiting: [{ kind: "waiting", retryAtMs: 3_000, attempt: 2 }, "Reconnecting in 3 s"],
  paused: [{ kind: "paused" }, "Catching up"],
  closed: [{ kind: "closed", reason: "deleted" }, "Live"],
};

test.each(Object.entries(STATES))(
  "a stream that is %s is said in a word of the contract",
  (_, [state, text]) => {
    expect(chip({ connection: state }).text).toBe(text);
    expect(WORDS.some((word) => text.startsWith(word))).toBe(true);
  },
);

test.each([
  ["signed-out", "Signed out"],
  ["offline", "Offline"],
  ["hidden", "Paused while hidden"],
  ["not-viewed", "Catching up"],
] as const)("a stream paused for %s says %s", (reason, text) => {
  expect(chip(paused(reason)).text).toBe(text);
});

test("being signed out outweighs everything, and offers the way back", () => {
  expect(chip({ isSignedOut: true, isOffline: true, isHidden: true })).toMatchObject({
    text: "Signed out",
    action: "sign-in",
  });
});

test("without a network it is offline, whatever an open socket still claims", () => {
  expect(chip({ isOffline: true }).text).toBe("Offline");
});

test("an update that is needed offers to reload", () => {
  expect(chip({ isUpdateNeeded: true })).toMatchObject({ text: "Offline: update needed", action: "reload" });
  expect(chip({ connection: { kind: "closed", reason: "update-needed" } }).action).toBe("reload");
});

test("the countdown never runs below zero and can be cut short", () => {
  const waiting = { connection: { kind: "waiting", retryAtMs: 1_000, attempt: 1 } } as const;
  expect(chip(waiting, 10).text).toBe("Reconnecting in 1 s");
  expect(chip(waiting, 5_000)).toMatchObject({ text: "Reconnecting in 0 s", action: "retry-now" });
});

test("with no session the list decides, and a live stream outweighs a list that failed", () => {
  expect(chip({ connection: undefined }).text).toBe("Live");
  expect(chip({ connection: undefined, listFailure: "no answer" })).toMatchObject({
    text: "Offline: no answer from the server",
    action: "retry-now",
  });
  expect(chip({ listFailure: "no answer" }).text).toBe("Live");
});

test("a session that the server does not know is not live, though the server answers", () => {
  const { text, detail } = chip({ connection: { kind: "closed", reason: "not-found" } });
  expect(text).toBe("Offline: not on the server");
  expect(detail).toContain("does not know");
});
