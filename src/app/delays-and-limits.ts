/** Delays and limits of the app, each with its reason. Those of streams live with the streams, those of the wire with the protocol. */

/** How long a deletion can be undone; PRODUCT.md. Unit: ms. */
export const UNDO_DELETE_MS = 8_000;

/** The countdown's step: it counts seconds. Unit: ms. */
export const COUNTDOWN_STEP_MS = 1_000;

/** How often relative times ("3 min ago") are made anew while visible. Unit: ms. */
export const RELATIVE_TIME_STEP_MS = 60_000;

/** The streams panel is made anew at most this often: every frame changes it. Unit: ms. */
export const STREAMS_PANEL_STEP_MS = 500;

/** Sessions whose "seen" mark is kept. More would only grow for ever. */
export const MAX_SEEN_MARKS = 500;

/** A line that stays live this long has brought what was accepted: the most patient one is found dead sooner. Unit: ms. */
export const UNSTREAMED_LIMIT_MS = 210_000;

/** Agents are asked for again after this long without an answer. Unit: ms. */
export const AGENTS_RETRY_MS = 5_000;

/** Earlier turns asked for at once while scrolling: some twenty screens. */
export const EARLIER_PAGE_TURNS = 60;

/** Turns that come with the target of a jump far up. So many above what is loaded and nothing is left out between. */
export const FAR_PAGE_TURNS = 120;

/** A page of far turns is shown once the stream has come as far; it is ms behind, or broken. Unit: ms. */
export const FAR_WAIT_MS = 5_000;

/** Turns asked for at once where all that lies between must be loaded: few requests, each still a short task. */
export const JUMP_PAGE_TURNS = 500;

/** A search begins when nothing was typed for this long. Unit: ms. */
export const SEARCH_DELAY_MS = 150;

/** What grows while a search is open is looked through again at most this often. Unit: ms. */
export const SEARCH_AGAIN_MS = 400;

/** How much a search looks through before the page has its turn; about 5 ms. Unit: UTF-16 code units. */
export const SEARCH_SLICE_CHARS = 1_000_000;

/** Turns with what is searched for that are asked of the server. */
export const MAX_FOUND_TURNS = 1_000;

/** How long words about something that went wrong stay. Long enough to read twice. Unit: ms. */
export const TOAST_MS = 8_000;
