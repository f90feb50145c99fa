import * as v from "valibot";
import { bufferText, type PartState } from "./conversation.ts";
import { SeqSchema, TurnIdSchema, type PartId } from "./ids.ts";
import { MAX_QUERY_CHARS } from "./limits.ts";

/** What is searched for: `q` of `GET /sessions/:sid/search`. */
export const SearchQuerySchema = v.pipe(
  v.string(),
  v.check((query) => query.trim() !== "", "must not be empty"),
  v.maxLength(MAX_QUERY_CHARS),
);

export const SearchMatchSchema = v.object({
  turn: TurnIdSchema,
  /** Occurrences in {@link searchedTexts}. */
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

/** What a search looks at: a turn as it is folded, or as a page shows it. */
export interface SearchedTurn {
  readonly text: string;
  readonly parts: { values(): Iterable<Readonly<PartState>> };
}

/** One text by itself: nothing is found across two. */
export interface SearchedText {
  /** The part that it stands in; undefined: the question. */
  readonly part: PartId | undefined;
  readonly text: string;
}

/**
 * The texts of a turn that a search looks at, in the order in which they are shown: the question, then the parts. A tool
 * has five: title, name, input, live output, output (PX.19).
 */
export function searchedTexts(turn: SearchedTurn): readonly SearchedText[] {
  const texts: SearchedText[] = [{ part: undefined, text: turn.text }];
  for (const part of turn.parts.values()) {
    const own =
      part.type === "tool"
        ? [part.title, part.name, toolText(part.input), bufferText(part.buffer), toolText(part.output)]
        : [bufferText(part.buffer)];
    for (const text of own) if (text !== undefined && text !== "") texts.push({ part: part.id, text });
  }
  return texts;
}

/** What a tool was given, or gave, as text: as it is shown and as it is searched. "": nothing. */
export function toolText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : (JSON.stringify(value, undefined, 2) ?? "");
}
