import type { SessionId } from "../protocol/ids.ts";

/**
 * Everything this app keeps in a browser, named once.
 * The schema's version is in the database's name: a change of shape opens another database, so no tab of an
 * older build ever blocks an upgrade (idb-keyval closes for nobody's `versionchange`).
 */
export const SCHEMA_VERSION = 1;
export const DATABASE_NAME = `holdfast-${SCHEMA_VERSION}`;
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
  transcript: (sid: SessionId) => `transcript/${sid}`,
  inflight: (sid: SessionId) => `inflight/${sid}`,
  outboxPrefix: "outbox/",
  outbox: (id: string) => `outbox/${id}`,
  draft: (key: DraftKey) => `draft/${key}`,
  /** One place per key: a second corrupt record of the same key takes the place of the first. */
  quarantine: (key: string) => `quarantine/${key}`,
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
