/** HTML text as it grows, with the one rule of line ends that the specification's own writers follow. */
export interface HtmlOutput {
  /** As it is. */
  raw(html: string): void;
  /** A line end, but none at the start and never two. */
  lineEnd(): void;
  toString(): string;
}

export function createHtmlOutput(): HtmlOutput {
  const pieces: string[] = [];
  let last = "\n";
  const raw = (html: string): void => {
    if (html === "") return;
    pieces.push(html);
    last = html.slice(-1);
  };
  return {
    raw,
    lineEnd() {
      if (last !== "\n") raw("\n");
    },
    toString: () => pieces.join(""),
  };
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}

/** What stays in a destination: RFC 3986 without brackets, and what is percent-encoded already. */
const KEPT_IN_URI = /%[0-9a-f]{2}|[a-z0-9;/?:@&=+$,\-_.!~*'()#]/iy;

/** Percent-encodes like the reference implementation: UTF-8, lone surrogates as U+FFFD. */
export function encodeUri(destination: string): string {
  let encoded = "";
  for (let index = 0; index < destination.length;) {
    KEPT_IN_URI.lastIndex = index;
    const kept = KEPT_IN_URI.exec(destination)?.[0];
    const character = kept ?? String.fromCodePoint(destination.codePointAt(index) ?? 0);
    encoded += kept ?? encodeURIComponent(character.toWellFormed());
    index += character.length;
  }
  return encoded;
}
