import { createTextFinder, type TextFinder } from "../protocol/text-search.ts";
import type { OccurrencePlace } from "../state/search-state.ts";

/** Where the words of an answer's part are shown, without the labels around them. */
const WORDS = ".prose, .plain-text, .tool-title, .tool-name, .tool-output, .tool-body > pre";
const ALL = "found";
const CURRENT = "found-current";

/** Marks what was found in the turns that are in the page. Where the browser has no highlights, the turn is marked. */
export interface SearchMarks {
  /** Marks anew. Answers the current occurrence, once it is in the page. */
  mark(query: string, current: OccurrencePlace | undefined): Range | undefined;
  clear(): void;
}

export function createSearchMarks(scroller: HTMLElement): SearchMarks {
  let marked: Element | undefined;

  function clear(): void {
    marked?.removeAttribute("data-found");
    marked = undefined;
    if (!hasHighlights()) return;
    CSS.highlights.delete(ALL);
    CSS.highlights.delete(CURRENT);
  }

  return {
    clear,
    mark(query, current) {
      clear();
      if (query.trim() === "") return undefined;
      const finder = createTextFinder(query);
      const all: Range[] = [];
      let found: Range | undefined;
      for (const turn of scroller.querySelectorAll<HTMLElement>(".turn")) {
        const isCurrent = turn.dataset["turn"] === current?.turn;
        for (const { part, words } of wordsOf(turn)) {
          const ranges = words.flatMap((element) => rangesIn(element, finder));
          all.push(...ranges);
          // What is written as markup may be counted and not seen: the nearest that is.
          if (isCurrent && part === current?.part) found = ranges[current?.index ?? 0] ?? ranges.at(-1);
        }
        if (!isCurrent) continue;
        marked = turn;
        turn.setAttribute("data-found", "");
      }
      if (hasHighlights()) {
        CSS.highlights.set(ALL, new Highlight(...all));
        if (found !== undefined) CSS.highlights.set(CURRENT, new Highlight(found));
      }
      return found;
    },
  };
}

interface PartWords {
  /** Undefined: the question. */
  readonly part: string | undefined;
  readonly words: readonly Element[];
}

function wordsOf(turn: HTMLElement): readonly PartWords[] {
  return [
    { part: undefined, words: [...turn.querySelectorAll(".you-text")] },
    ...[...turn.querySelectorAll<HTMLElement>(".answer-part[data-part-id]")].map((part) => ({
      part: part.dataset["partId"],
      words: [...part.querySelectorAll(WORDS)],
    })),
  ];
}

function hasHighlights(): boolean {
  return "highlights" in CSS && typeof Highlight === "function";
}

interface Piece {
  readonly node: Text;
  readonly start: number;
}

/** The occurrences within an element; one may go over several text nodes, but over no end of a block. */
function rangesIn(words: Element, finder: TextFinder): readonly Range[] {
  const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
  const pieces: Piece[] = [];
  let text = "";
  let block: Element | null = null;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (!(node instanceof Text)) continue;
    const own = node.parentElement?.closest(BLOCKS) ?? null;
    // No white space, so that nothing is found across.
    if (pieces.length > 0 && own !== block) text += "\u0000";
    block = own;
    pieces.push({ node, start: text.length });
    text += node.data;
  }
  return finder.spans(text).flatMap((span) => {
    const from = pieceAt(pieces, span.start);
    const to = pieceAt(pieces, span.end - 1);
    if (from === undefined || to === undefined) return [];
    const range = document.createRange();
    range.setStart(from.node, span.start - from.start);
    range.setEnd(to.node, span.end - to.start);
    return [range];
  });
}

const BLOCKS = "p, li, pre, h1, h2, h3, h4, h5, h6, td, th, blockquote, div";

function pieceAt(pieces: readonly Piece[], at: number): Piece | undefined {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.start ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return pieces[low - 1];
}
