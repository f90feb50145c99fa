/** What a session is called until its first message. */
export const UNTITLED = "Untitled";

/** Longest automatic title. Unit: UTF-16 code units. */
const MAX_AUTOMATIC_CHARS = 60;

/** The automatic title, from the first message; the browser shows it before the server has told it: its first line with words, cut at a word. Undefined when it has none. */
export function titleFromText(text: string): string | undefined {
  const line = text
    .split(/\r\n|\r|\n/)
    .map((candidate) => candidate.replaceAll(/\s+/g, " ").trim())
    .find((candidate) => candidate !== "");
  if (line === undefined || line.length <= MAX_AUTOMATIC_CHARS) return line;
  const cut = line.slice(0, MAX_AUTOMATIC_CHARS - 1);
  const space = cut.lastIndexOf(" ");
  const words = space > MAX_AUTOMATIC_CHARS / 2 ? cut.slice(0, space) : cut;
  // Never half of a surrogate pair before the ellipsis.
  return `${words.replace(/[\uD800-\uDBFF]$/, "")}…`;
}
