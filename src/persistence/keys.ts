import type { SessionId } from "../protocol/ids.ts";
import { prefixRange, type KeyRange } from "./records.ts";

/**
 * Everything this app keeps in a browser, named once.
 * The schema's version is in the database's name: a change of shape opens another database, so no tab of an
 * older build ever blocks an upgrade (idb-keyval closes for nobody's `versionchange`).
 */
export const SCHEMA_VERSION = 3;
export const DATABASE_NAME = `holdfast-${SCHEMA_VERSION}`;
/** What the versions before kept, the latest first; their words are carried over (previous-database.ts). */
export const PREVIOUS_DATABASE_NAMES = [2, 1].map((version) => `holdfast-${version}`);
export const OBJECT_STORE_NAME = "records";
export const CHANNEL_NAME = `holdfast-${SCHEMA_VERSION}`;

/** A session about to be begun has a draft too. */
export type DraftKey = SessionId | "new";

/** Keys in IndexedDB. */
export const recordKeys = {
  /** Grows with every wipe; a tab that knows a smaller one writes nothing any more. */
  generation: "generation",
  list: "list",
  head: (sid: SessionId) => `head/${sid}`,
  /** A settled turn. `list` names one run of positions without a gap; the order of keys is that of the conversation. */
  turn: (sid: SessionId, list: string, position: number) =>
    `turn/${sid}/${list}/${String(position).padStart(POSITION_DIGITS, "0")}`,
  /** A piece of what is unfinished. `run` names one beginning and what was appended to it. */
  chunk: (sid: SessionId, run: string, number: number) =>
    `chunk/${sid}/${run}/${String(number).padStart(CHUNK_DIGITS, "0")}`,
  outboxPrefix: "outbox/",
  outbox: (id: string) => `outbox/${id}`,
  draftPrefix: "draft/",
  draft: (key: DraftKey) => `draft/${key}`,
  /** One place per key: a second corrupt record of the same key takes the place of the first. */
  quarantine: (key: string) => `quarantine/${key}`,
} as const;

const POSITION_DIGITS = 8;
const CHUNK_DIGITS = 8;

/** Where a list of settled turns begins: earlier ones are put before it, later ones behind, in the order of their keys. */
export const FIRST_POSITION = 50_000_000;

/** All records of a kind that a session has, whichever list or run they belong to. */
export const recordRanges = {
  turns: (sid: SessionId): KeyRange => prefixRange(`turn/${sid}/`),
  chunks: (sid: SessionId): KeyRange => prefixRange(`chunk/${sid}/`),
  /** The chunks of one run, from one on, up to and without another, or to the last. */
  run: (sid: SessionId, run: string, number = 0, end = Number.POSITIVE_INFINITY): KeyRange => ({
    first: recordKeys.chunk(sid, run, number),
    last: Number.isFinite(end)
      ? recordKeys.chunk(sid, run, end - 1)
      : prefixRange(`chunk/${sid}/${run}/`).last,
  }),
  /** What was set aside of it, but its head. */
  quarantine: (sid: SessionId): readonly KeyRange[] => [
    prefixRange(recordKeys.quarantine(`turn/${sid}/`)),
    prefixRange(recordKeys.quarantine(`chunk/${sid}/`)),
  ],
} as const;

/** Keys in localStorage. */
export const localKeys = {
  prefix: "holdfast:",
  settings: "holdfast:settings",
  /** In sessionStorage: where sessions were left in this tab. */
  positions: "holdfast:positions",
  draftPrefix: "holdfast:draft:",
  draft: (key: DraftKey) => `holdfast:draft:${key}`,
  outboxPrefix: "holdfast:outbox:",
  outbox: (id: string) => `holdfast:outbox:${id}`,
  /** When an entry was removed: its copy in IndexedDB may outlive the page that removed it. */
  outboxRemovedPrefix: "holdfast:outbox-removed:",
  outboxRemoved: (id: string) => `holdfast:outbox-removed:${id}`,
  /** Told to other tabs by the `storage` event where there is no BroadcastChannel. */
  nudge: (kind: string) => `holdfast:nudge:${kind}`,
  quarantine: (key: string) => `holdfast:quarantine:${key}`,
} as const;
