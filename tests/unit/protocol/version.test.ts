import { expect, test } from "vitest";
import { isCompatibleProtocol, PROTOCOL_VERSION } from "../../../src/protocol/version.ts";

test("the same major version is understood, whatever its minor", () => {
  expect(isCompatibleProtocol(PROTOCOL_VERSION)).toBe(true);
  expect(isCompatibleProtocol("1.99")).toBe(true);
  expect(isCompatibleProtocol("1")).toBe(true);
});

test("another major version needs an update", () => {
  for (const version of ["2.0", "0.9", "10.0", "", "x"]) expect(isCompatibleProtocol(version)).toBe(false);
});
