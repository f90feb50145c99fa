import { expect, test } from "vitest";
import { clientOf, createAttemptLimiter } from "../../../server/auth/attempt-limiter.ts";

const LIMITS = { maxPerAddress: 3, max: 5, windowMs: 1_000 };

test("after so many failures an address waits until the oldest is forgotten", () => {
  let time = 0;
  const limiter = createAttemptLimiter(LIMITS, () => time);
  for (const at of [0, 100, 200]) {
    time = at;
    expect(limiter.begin("10.0.0.1").kind).toBe("allowed");
  }
  expect(limiter.begin("10.0.0.1")).toEqual({ kind: "refused", retryMs: 800 });
  expect(limiter.begin("10.0.0.2").kind).toBe("allowed");
  time = 1_000;
  expect(limiter.begin("10.0.0.1").kind).toBe("allowed");
  expect(limiter.begin("10.0.0.1")).toEqual({ kind: "refused", retryMs: 100 });
});

test("a place is taken before the password is looked at", () => {
  const limiter = createAttemptLimiter(LIMITS, () => 0);
  const kinds = Array.from({ length: 4 }, () => limiter.begin("10.0.0.1").kind);
  expect(kinds).toEqual(["allowed", "allowed", "allowed", "refused"]);
});

test("success gives an address its places back", () => {
  const limiter = createAttemptLimiter(LIMITS, () => 0);
  limiter.begin("10.0.0.1");
  limiter.begin("10.0.0.1");
  const third = limiter.begin("10.0.0.1");
  if (third.kind === "allowed") third.succeeded();
  expect(limiter.begin("10.0.0.1").kind).toBe("allowed");
});

test("all addresses together have a limit as well", () => {
  const limiter = createAttemptLimiter(LIMITS, () => 0);
  const kinds = [1, 2, 3, 4, 5, 6].map((last) => limiter.begin(`10.0.0.${last}`).kind);
  expect(kinds.filter((kind) => kind === "allowed").length).toBe(5);
});

test("a clock set back locks nobody out", () => {
  let time = 1_000_000;
  const limiter = createAttemptLimiter(LIMITS, () => time);
  for (let index = 0; index < 3; index += 1) limiter.begin("10.0.0.1");
  time = 0;
  expect(limiter.begin("10.0.0.1").kind).toBe("allowed");
});

test.each([
  ["10.0.0.1", "10.0.0.1"],
  ["::ffff:10.0.0.1", "10.0.0.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8:1:2::9", "2001:db8:1:2"],
  ["2001:db8::9", "2001:db8:0:0"],
  ["fe80::1%eth0", "fe80:0:0:0"],
  ["::1", "0:0:0:0"],
  ["", ""],
])("the client of %s is %s", (address, client) => {
  expect(clientOf(address)).toBe(client);
});

test("who knows the password is not locked out by those who guess from many addresses", () => {
  const limiter = createAttemptLimiter({ maxPerAddress: 2, max: 3, windowMs: 1_000 }, () => 0);
  const home = limiter.begin("10.0.0.1");
  if (home.kind === "allowed") home.succeeded();
  for (let host = 1; host <= 5; host += 1) limiter.begin(`192.0.2.${host}`);
  expect(limiter.begin("192.0.2.9").kind).toBe("refused");
  // Its own places are counted as ever.
  const own = [1, 2, 3].map(() => limiter.begin("10.0.0.1").kind);
  expect(own).toEqual(["allowed", "allowed", "refused"]);
});
