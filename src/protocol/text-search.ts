import * as v from "valibot";
import { bufferText, type TurnState } from "./conversation.ts";
import { SeqSchema, TurnIdSchema } from "./ids.ts";
import { MAX_QUERY_CHARS } from "./limits.ts";

/** What is searched for: `q` of `GET /sessions/:sid/search`. */
export const SearchQuerySchema = v.pipe(
  v.string(),
  v.check((query) => query.trim() !== "", "must not be empty"),
  v.maxLength(MAX_QUERY_CHARS),
);

export const SearchMatchSchema = v.object({
  turn: TurnIdSchema,
  /** Occurrences in the question and the answer's text. */
  count: SeqSchema,
  /** The first of them and what stands around it. */
  excerpt: v.object({ before: v.string(), match: v.string(), after: v.string() }),
});
export type SearchMatch = v.InferOutput<typeof SearchMatchSchema>;

/** Answer of `GET /sessions/:sid/search`, newest turn first. */
export const SearchPageSchema = v.object({
  matches: v.array(SearchMatchSchema),
  /** Whether turns are left that were not looked at: those before `next`. */
  hasMore: v.boolean(),
  next: v.optional(TurnIdSchema),
});
export type SearchPage = v.InferOutput<typeof SearchPageSchema>;

/** Where an occurrence stands. Unit: UTF-16 code units. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** Finds a query in texts: the same for what a browser has loaded and for what only the server has. */
export interface TextFinder {
  count(text: string): number;
  /** All occurrences, from left to right; they don't overlap. */
  spans(text: string): readonly TextSpan[];
}

/** Upper and lower case are alike, and so is any stretch of white space. A query of white space alone finds nothing. */
export function createTextFinder(query: string): TextFinder {
  const words = query
    .trim()
    .split(/\s+/u)
    .filter((word) => word !== "");
  if (words.length === 0) return { count: () => 0, spans: () => [] };
  // Case folding by the expression: lower-casing both would move what comes after letters that become two.
  const pattern = new RegExp(words.map(escape).join("\\s+"), "giu");
  const spans = (text: string): readonly TextSpan[] =>
    Array.from(text.matchAll(pattern), (match) => ({
      start: match.index,
      end: match.index + match[0].length,
    }));
  return { spans, count: (text) => spans(text).length };
}

function escape(word: string): string {
  return word.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

/** The texts of a turn that a search looks at, in the order in which they are shown: question, then the answer's words. */
export function searchedTexts(turn: TurnState): readonly string[] {
  const texts = [turn.text];
  for (const part of turn.parts.values()) if (part.type === "text") texts.push(bufferText(part.buffer));
  return texts;
}
