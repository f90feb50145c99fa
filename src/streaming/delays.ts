/** Delays and limits of the streams of one tab, each with its unit and its reason. All are told by wall clock. */

/** A connect that has not said `hello` by then is given up: a new EventSource can hang on a dead pooled socket for ever. Unit: ms. */
export const HELLO_TIMEOUT_MS = 10_000;

/** Silence of so many heartbeats means a dead socket: one lost ping is forgiven, two are not. */
export const DEAD_AFTER_HEARTBEATS = 2.5;

/** On return and on focus the socket is distrusted earlier: the person is looking. */
export const SUSPECT_AFTER_HEARTBEATS = 2;

/** The watchdog's patience at most doubles so often: a line that trickles is not dead, one that is silent for minutes is. */
export const MAX_SILENCE_FACTOR = 8;

/** Away for longer than this, and the socket is taken for dead whatever `readyState` says. Unit: ms. */
export const AWAY_MS = 5_000;

/** An idle stream of a hidden tab is closed after this long: a quick look elsewhere costs no reconnect. Unit: ms. */
export const HIDDEN_IDLE_MS = 30_000;

/** A connection that lived so long was a good one: the next failure begins at the shortest delay again. Unit: ms. */
export const LIFE_MS = 5_000;

/** Backoff: the ceiling of the first delay, doubled with each failure, up to the last. Unit: ms. */
export const FIRST_RETRY_MS = 500;
export const LAST_RETRY_MS = 15_000;

/** How long a draining server is left alone when it does not say. Unit: ms. */
export const DRAINING_RETRY_MS = 1_000;

/** How often a visible tab looks at its clock and its streams; a hidden one with an open stream looks seldom. Unit: ms. */
export const TICK_MS = 1_000;
/** With a fast heartbeat it looks so often in one: death is seen within 2.5 + 0.25 heartbeats, and mended within three. */
export const TICKS_PER_HEARTBEAT = 4;
export const HIDDEN_TICK_MS = 10_000;

/** At most one write per session in this time. Unit: ms. */
export const SAVE_INTERVAL_MS = 500;

/** Tabs of one browser that stream at once: over HTTP/1.1 an origin has six connections, and two are left for requests. */
export const MAX_STREAMS = 4;

/** A tab that gets no leave to stream within this time follows by polling: on return it must be current within a second. Unit: ms. */
export const SLOT_WAIT_MS = 300;

/** So often while something runs (never 2 s behind), and while nothing does: a send of this tab polls at once. Unit: ms. */
export const FOLLOW_MS = 1_500;
export const FOLLOW_IDLE_MS = 5_000;

/** Events of one page that a follower reads: what is folded in one task. */
export const FOLLOW_PAGE_EVENTS = 1_000;

/** Sessions kept in memory beside the viewed one, and their text (8 MB at two bytes per UTF-16 code unit). */
export const MAX_CACHED_SESSIONS = 20;
export const MAX_CACHED_CHARS = 4_194_304;

/** Entries of a session's timeline in the streams panel. */
export const MAX_TIMELINE = 240;

/** The session list is asked for so often while something runs out of sight, and otherwise. Unit: ms. */
export const POLL_BUSY_MS = 5_000;
export const POLL_IDLE_MS = 30_000;
