import { backticksAt, codeText } from "./backtick-runs.ts";
import { trimEnd } from "./character-class.ts";
import type { Begun, Delimiter } from "./inline-delimiters.ts";
import type { InlineItem } from "./inline-item.ts";
import type { InlineParser } from "./inline-parser.ts";
import type { EmphasisNode, ImageNode, LinkNode } from "./tree.ts";

/** Each is a node of its own: what nobody writes isn't worth a tree that deep. */
const MAX_LEVELS = 16;
/** What was begun longer ago will hardly end, and a box around all of it is laid out with every piece. */
const MAX_HEALED_CHARS = 2_000;
/** So much is looked back at with each piece. */
const MAX_RUN_CHARS = 999;
/** A longer text in brackets is no label. */
const MAX_LABEL_CHARS = 999;

/** What a text has begun, with an end for all of it: for display. */
export interface Healed {
  /** The outermost first: what follows the opener lies in it. */
  readonly levels: readonly HealedLevel[];
  /** What begins from here on isn't known yet, and not shown. */
  readonly cut: number;
  /** The code that all ends with; "": none. */
  readonly code: string;
}

/** Nothing has begun, or it is shown as it is written. */
export const NOT_HEALED: Healed = { levels: [], cut: Number.POSITIVE_INFINITY, code: "" };

export interface HealedLevel {
  readonly type: (EmphasisNode | LinkNode | ImageNode)["type"];
  readonly opener: InlineItem;
}

/**
 * The text without a run of delimiters or backticks at its very end: half of something, what, the next character tells.
 * @param least A shorter run stays.
 */
export function withoutLastRun(source: string, least: number): string {
  const text = trimEnd(source);
  let end = text.length;
  while (end > text.length - MAX_RUN_CHARS && "*_~`".includes(text.charAt(end - 1) || " ")) end -= 1;
  if (end > text.length - least) return source;
  return text.charAt(end - 1) === "\\" ? text : trimEnd(text.slice(0, end));
}

/** Ends for what has begun in the text that was read. It costs nothing of the text's length. */
export function heal({ at: { text, offset }, pause, delimiters }: InlineParser): Healed {
  if (pause === undefined && delimiters.begun.length === 0) return NOT_HEALED;
  const begun = delimiters.begun.filter((each) => offset - each.start <= MAX_HEALED_CHARS);
  const code = pause === "code" ? codeAt(text, offset) : "";
  let end = offset;
  let cut = Number.POSITIVE_INFINITY;
  for (let last = begun.at(-1); last !== undefined; last = begun.at(-1)) {
    if (code !== "" || pause === "link" || !isNothingYet(last, text, end)) break;
    begun.pop();
    end = last.item.offset;
    cut = end;
  }
  return { levels: begun.flatMap(levelsOf).slice(0, MAX_LEVELS), cut, code };
}

/** A label, a footnote's, or nothing at all: it is left out until it is there. */
function isNothingYet(begun: Begun, text: string, end: number): boolean {
  const { item, start } = begun;
  if (start >= end) return true;
  if (isRun(begun) || end - start > MAX_LABEL_CHARS) return false;
  return text.charAt(start) === "^" || text.charAt(item.offset - 1) === "]";
}

function levelsOf(begun: Begun): HealedLevel[] {
  const { item: opener } = begun;
  if (!isRun(begun)) return [{ type: opener.text === "![" ? "image" : "link", opener }];
  if (begun.character === "~") return [{ type: "strikethrough", opener }];
  const levels: HealedLevel[] = [];
  if (begun.left % 2 === 1) levels.push({ type: "emphasis", opener });
  for (let left = Math.min(begun.left, MAX_LEVELS); left > 1; left -= 2)
    levels.push({ type: "strong", opener });
  return levels;
}

function isRun(begun: Begun): begun is Delimiter {
  return "left" in begun;
}

function codeAt(text: string, offset: number): string {
  const start = offset + backticksAt(text, offset).length;
  let end = text.length;
  while (end > start && text.charAt(end - 1) === "`") end -= 1;
  const code = codeText(text.slice(start, end));
  return code.trim() === "" ? "" : code;
}
