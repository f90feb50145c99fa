/** Limits that both ends of the wire rely on. Limits of one end only live with that end. */

/** Longest text of one message. Unit: UTF-16 code units of the message; PROTOCOL §2 (1 MiB). */
export const MAX_TEXT_CHARS = 1_048_576;

/** Largest request body the server reads. Unit: bytes. Text of 1 MiB escaped as JSON, and small attachments. */
export const MAX_BODY_BYTES = 8 * 1_048_576;

/** Attachments of one message. */
export const MAX_ATTACHMENTS = 20;

/** Longest title of a session. Unit: UTF-16 code units. */
export const MAX_TITLE_CHARS = 200;

/** A log frame's `data` is at most this long unless a single event is longer. Unit: bytes of UTF-8; PROTOCOL §3. */
export const MAX_FRAME_BYTES = 16 * 1024;

/** How often a stream is pinged. Unit: ms; PROTOCOL §3. The client learns the real value from `hello`. */
export const DEFAULT_HEARTBEAT_MS = 10_000;

/** What the browser's own retry is told, should it ever act. Unit: ms. */
export const RETRY_MS = 1_000;

/** Turns of a snapshot when `?turns=` is absent, and the most it can ask for. */
export const DEFAULT_SNAPSHOT_TURNS = 50;
export const MAX_SNAPSHOT_TURNS = 1_000;

/** Frames' events of one `GET /events` page when `?limit=` is absent, and the most it can ask for. Unit: events. */
export const DEFAULT_EVENTS_LIMIT = 1_000;
export const MAX_EVENTS_LIMIT = 10_000;

/** Sessions of one page of `GET /sessions` when `?limit=` is absent, and the most it can ask for. */
export const DEFAULT_SESSIONS_LIMIT = 200;
export const MAX_SESSIONS_LIMIT = 1_000;

/** Turns of one page of a search when `?limit=` is absent, and the most it can ask for. */
export const DEFAULT_SEARCH_LIMIT = 200;
export const MAX_SEARCH_LIMIT = 1_000;

/** Longest text that is searched for. Unit: UTF-16 code units. */
export const MAX_QUERY_CHARS = 200;
