import { readdirSync, readFileSync } from "node:fs";

/** Texts that only the mock and MSW bring along; each survives minifying. */
export const MOCK_MARKERS = ["mockServiceWorker", "[MSW]", "holdfast-mock", "__holdfastMock", "Mock faults"];

/** Where a built app holds something of the mock: `file: marker`. Empty is as it should be. */
export function findMockMarkers(folder: URL): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = `${entry.parentPath}/${entry.name}`;
    const text = `${entry.name}\n${readFileSync(path, "utf8")}`;
    for (const marker of MOCK_MARKERS) if (text.includes(marker)) found.push(`${entry.name}: ${marker}`);
  }
  return found;
}
