import { unescapeText, type DecodeReference } from "./character-reference.ts";
import type { LinkDefinition } from "./link-definition.ts";
import { scanLinkDestination, scanLinkTitle, skipSpaceAndLineEnd } from "./link-syntax.ts";
import type { Missing } from "./resumable-text.ts";

/** What ends a destination, and what may follow it. A title may too, but only the bracket behind that ends the link. */
const AFTER_DESTINATION = ") \t\n";

/** `(destination "title")` at `offset`; missing: characters one of which may make it that. [CommonMark 6.3, "inline link"] */
export function scanLinkTail(
  text: string,
  offset: number,
  decode: DecodeReference,
): (LinkDefinition & { readonly end: number }) | Missing | undefined {
  if (text.charCodeAt(offset) !== 40) return undefined;
  const start = skipSpaceAndLineEnd(text, offset + 1);
  const destination = scanLinkDestination(text, start);
  if (destination === "open") return { missing: text.charCodeAt(start) === 60 ? ">" : AFTER_DESTINATION };
  if (destination === undefined) return undefined;
  let end = skipSpaceAndLineEnd(text, destination.end);
  const title = end > destination.end ? scanLinkTitle(text, end) : undefined;
  if (title === "open") return { missing: text.charAt(end) === "(" ? ")" : text.charAt(end) };
  if (title !== undefined) end = skipSpaceAndLineEnd(text, title.end);
  if (end >= text.length) return { missing: AFTER_DESTINATION };
  if (text.charCodeAt(end) !== 41) return undefined;
  return {
    destination: unescapeText(destination.text, decode),
    title: title && unescapeText(title.text, decode),
    end: end + 1,
  };
}
