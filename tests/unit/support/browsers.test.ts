import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { findBrowser, findProgram, missingParts } from "../../support/browsers.ts";
import { tempFolder } from "../../support/temp-folder.ts";

let folder: string;

/** An executable of that name; alone on the PATH with its like. */
function put(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, 0o755);
  return path;
}

beforeEach(() => {
  folder = tempFolder();
  vi.stubEnv("PATH", folder);
  return () => vi.unstubAllEnvs();
});

test("a program is found on the PATH when it can be run", () => {
  expect(findProgram("xdotool")).toBeUndefined();
  writeFileSync(join(folder, "xdotool"), "");
  expect(findProgram("xdotool")).toBeUndefined();
  expect(findProgram("Xvfb")).toBeUndefined();
  expect(put("Xvfb")).toBe(findProgram("Xvfb"));
});

test("the environment's word for where a browser is goes before all others", () => {
  const mine = put("my-browser");
  vi.stubEnv("HOLDFAST_MINIBROWSER", mine);
  vi.stubEnv("HOLDFAST_CHROMIUM", mine);
  expect(findBrowser("webkit")).toBe(mine);
  expect(findBrowser("chromium")).toBe(mine);
});

test("WebKit is missing as long as one of its tools is", () => {
  vi.stubEnv("HOLDFAST_MINIBROWSER", put("MiniBrowser"));
  expect(missingParts("webkit")).toEqual(["Xvfb", "xdotool"]);
  put("Xvfb");
  expect(missingParts("webkit")).toEqual(["xdotool"]);
  put("xdotool");
  expect(missingParts("webkit")).toEqual([]);
});
