import { trimEnd } from "./character-class.ts";

/** What a text has begun and not ended, with the places where it has. */
export interface UnfinishedInlines {
  /** Without the spaces at its end. */
  readonly text: string;
  /** The last first. */
  readonly runs: readonly { readonly offset: number; readonly closer: string }[];
  /** Where their contents begin, the last first. */
  readonly brackets: readonly number[];
  readonly code: { readonly offset: number; readonly length: number } | undefined;
  /** A link whose destination or title is being written: its content and its parenthesis. */
  readonly tail: { readonly start: number; readonly parenthesis: number } | undefined;
}

/** A delimiter at the end is half of something: what, the next character tells. */
const LAST_RUN = /(?<![\\*_~])[*_~]+$/;

/** The text without what isn't known yet at its very end; undefined: nothing would be left. */
export function withoutLastRun(text: string): string | undefined {
  const shorter = trimEnd(trimEnd(text).replace(LAST_RUN, ""));
  return shorter === "" ? undefined : shorter;
}

/** The text with an end for all that it has begun; undefined: there is nothing to end. */
export function healedText(unfinished: UnfinishedInlines): string | undefined {
  const { text, code, tail } = unfinished;
  if (code !== undefined) {
    const contentStart = code.offset + code.length;
    const content = text.slice(contentStart).replace(/`+$/, "");
    if (content.trim() === "") return close(trimEnd(text.slice(0, code.offset)), "", unfinished, code.offset);
    return close(text.slice(0, contentStart) + content, "`".repeat(code.length), unfinished, code.offset);
  }
  if (tail !== undefined && !text.includes(")", tail.parenthesis)) {
    return close(text.slice(0, tail.parenthesis), "()", unfinished, tail.start - 1);
  }
  return close(text, "", unfinished, text.length);
}

/** Ends what was begun before `limit`, the innermost first. */
function close(
  text: string,
  ending: string,
  unfinished: UnfinishedInlines,
  limit: number,
): string | undefined {
  let healed = text;
  let closers = ending;
  const begun = [
    ...unfinished.runs.map((run) => ({ at: run.offset, closer: run.closer })),
    ...unfinished.brackets.map((start) => ({ at: start - 1, closer: "]()" })),
  ].sort((a, b) => b.at - a.at);
  for (const { at, closer } of begun) {
    if (at >= limit) continue;
    const isBracket = closer === "]()";
    const content = healed.slice(at + (isBracket ? 1 : closer.length));
    // A label, a footnote's, or nothing yet: it is left out until it is there.
    if (
      closers === "" &&
      (content === "" || (isBracket && (content.startsWith("^") || text.charAt(at - 1) === "]")))
    ) {
      healed = trimEnd(healed.slice(0, isBracket && healed.charAt(at - 1) === "!" ? at - 1 : at));
    } else {
      closers += closer;
    }
  }
  const result = healed + closers;
  return result === unfinished.text ? undefined : result;
}
