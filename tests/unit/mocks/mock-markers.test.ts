import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findMockMarkers, MOCK_MARKERS } from "../../../scripts/mock-markers.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/holdfast-bundle-`);
  mkdirSync(`${folder}/assets`);
});

afterEach(() => rmSync(folder, { recursive: true }));

const find = (): string[] => findMockMarkers(pathToFileURL(`${folder}/`));

describe("the search for the mock in a built app", () => {
  it("finds nothing where nothing is", () => {
    writeFileSync(`${folder}/assets/app.js`, "const a = 1;");
    expect(find()).toEqual([]);
  });

  it("finds a marker in a file and in a file's name", () => {
    writeFileSync(`${folder}/assets/app.js`, 'indexedDB.open("holdfast-mock-1")');
    writeFileSync(`${folder}/mockServiceWorker.js`, "");
    expect(find().sort()).toEqual(["app.js: holdfast-mock", "mockServiceWorker.js: mockServiceWorker"]);
  });

  it("looks for texts that the mock and MSW's worker really hold", () => {
    const mocks = new URL("../../../src/mocks/", import.meta.url);
    const texts = readdirSync(mocks).map((name) => readFileSync(new URL(name, mocks), "utf8"));
    texts.push(readFileSync(createRequire(import.meta.url).resolve("msw/mockServiceWorker.js"), "utf8"));
    for (const marker of MOCK_MARKERS)
      expect(
        texts.some((text) => text.includes(marker)),
        marker,
      ).toBe(true);
  });
});
