import { AUTOMATIC_TITLE_CHARS } from "./delays-and-limits.ts";

/** The title a session gets of its first message, by the server's rule: its first line with words, cut at a word. */
export function automaticTitle(text: string): string {
  const line = text
    .split(/\r\n|\r|\n/)
    .map((candidate) => candidate.replaceAll(/\s+/g, " ").trim())
    .find((candidate) => candidate !== "");
  if (line === undefined) return "Untitled";
  if (line.length <= AUTOMATIC_TITLE_CHARS) return line;
  const cut = line.slice(0, AUTOMATIC_TITLE_CHARS - 1);
  const space = cut.lastIndexOf(" ");
  const words = space > AUTOMATIC_TITLE_CHARS / 2 ? cut.slice(0, space) : cut;
  // Never half of a surrogate pair before the ellipsis.
  return `${words.replace(/[\uD800-\uDBFF]$/, "")}…`;
}
