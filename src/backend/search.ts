import type { TurnState } from "../protocol/conversation.ts";
import type { TurnId } from "../protocol/ids.ts";
import { DEFAULT_SEARCH_LIMIT, MAX_SEARCH_LIMIT } from "../protocol/limits.ts";
import {
  createTextFinder,
  searchedTexts,
  type SearchedText,
  type SearchMatch,
  type SearchPage,
  type TextFinder,
} from "../protocol/text-search.ts";
import type { LoadedConversation } from "./snapshots.ts";

/** What one request looks through at most; the client goes on from there. Unit: UTF-16 code units; tens of ms. */
const MAX_SCANNED_CHARS = 16 * 1024 * 1024;
/** How much is looked through before others have their turn. Unit: UTF-16 code units; about 2 ms. */
const SLICE_CHARS = 1024 * 1024;
/** Words around the first occurrence. Unit: UTF-16 code units. */
const EXCERPT_CHARS = 60;

export interface SearchRequest {
  readonly query: string;
  readonly before?: TurnId | undefined;
  readonly limit?: number | undefined;
}

/**
 * Turns that hold the query, newest first, from the end or from before a turn. Bounded in time and size: where it stops
 * early it says from where to go on. `pause` lets others have their turn. Undefined when `before` is unknown.
 */
export async function searchTurns(
  loaded: LoadedConversation,
  request: SearchRequest,
  pause: () => Promise<void>,
): Promise<SearchPage | undefined> {
  // As it was when it was asked for: turns that come or move meanwhile are another search's.
  const turns = [...loaded.conversation.turns.values()];
  let at = turns.length;
  if (request.before !== undefined) {
    at = turns.findIndex((turn) => turn.id === request.before);
    if (at < 0) return undefined;
  }
  const limit = Math.min(Math.max(1, request.limit ?? DEFAULT_SEARCH_LIMIT), MAX_SEARCH_LIMIT);
  const finder = createTextFinder(request.query);
  const matches: SearchMatch[] = [];
  let scanned = 0;
  let slice = 0;
  while (at > 0 && matches.length < limit && scanned < MAX_SCANNED_CHARS) {
    at -= 1;
    const turn = turns[at];
    if (turn === undefined) break;
    const texts = searchedTexts(turn);
    const match = matchOf(turn, texts, finder);
    if (match !== undefined) matches.push(match);
    const chars = texts.reduce((sum, { text }) => sum + text.length, 0);
    scanned += chars;
    slice += chars;
    if (slice < SLICE_CHARS) continue;
    slice = 0;
    await pause();
  }
  const next = turns[at]?.id;
  return at === 0 || next === undefined ? { matches, hasMore: false } : { matches, hasMore: true, next };
}

function matchOf(
  turn: TurnState,
  texts: readonly SearchedText[],
  finder: TextFinder,
): SearchMatch | undefined {
  let count = 0;
  let excerpt: SearchMatch["excerpt"] | undefined;
  for (const { text } of texts) {
    const spans = finder.spans(text);
    count += spans.length;
    const [first] = spans;
    if (first === undefined || excerpt !== undefined) continue;
    excerpt = {
      before: text.slice(Math.max(0, first.start - EXCERPT_CHARS), first.start),
      match: text.slice(first.start, first.end),
      after: text.slice(first.end, first.end + EXCERPT_CHARS),
    };
  }
  return excerpt === undefined ? undefined : { turn: turn.id, count, excerpt };
}
