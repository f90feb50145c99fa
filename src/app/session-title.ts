import { AUTOMATIC_TITLE_CHARS } from "./delays-and-limits.ts";

/** The title a session gets of its first message, by the server's rule: its first line that says anything, cut at a word. */
export function automaticTitle(text: string): string {
  const line =
    text
      .split(/\r\n|\r|\n/)
      .map((candidate) => candidate.replaceAll(/\s+/g, " ").trim())
      .find((candidate) => candidate !== "") ?? "New session";
  if (line.length <= AUTOMATIC_TITLE_CHARS) return line;
  const cut = line.slice(0, AUTOMATIC_TITLE_CHARS);
  const space = cut.lastIndexOf(" ");
  return `${(space > AUTOMATIC_TITLE_CHARS / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
