import { BROWSER_DEEDS } from "./browser.ts";
import type { Deed } from "./command.ts";
import { DISK_DEEDS } from "./disk.ts";
import { LATE_DEEDS } from "./late.ts";
import { NETWORK_DEEDS } from "./network.ts";
import { PAGE_DEEDS } from "./page.ts";
import { PERSON_DEEDS } from "./person.ts";
import { POCKET_DEEDS } from "./pocket.ts";
import { READER_DEEDS } from "./reader.ts";
import { SERVER_DEEDS } from "./server.ts";

/** Everything that can happen in a story. */
export const DEEDS: Readonly<Record<string, Deed>> = {
  wait: { weight: 8, run: () => "nothing happens" },
  ...PERSON_DEEDS,
  ...LATE_DEEDS,
  ...READER_DEEDS,
  ...PAGE_DEEDS,
  ...POCKET_DEEDS,
  ...NETWORK_DEEDS,
  ...SERVER_DEEDS,
  ...DISK_DEEDS,
  ...BROWSER_DEEDS,
};

/** Deeds that concern one tab: their sentence names it. */
export function isOfTab(deed: string): boolean {
  const isOfAll = [SERVER_DEEDS, DISK_DEEDS, BROWSER_DEEDS].some((deeds) => deed in deeds);
  return deed !== "wait" && deed !== "jump-clock" && !isOfAll;
}
