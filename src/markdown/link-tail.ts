import { unescapeText, type DecodeReference } from "./character-reference.ts";
import type { LinkDefinition } from "./link-definition.ts";
import { scanLinkDestination, scanLinkTitle, skipSpaceAndLineEnd } from "./link-syntax.ts";

/** `(destination "title")` at `offset`; "unfinished": more text may make it that. [CommonMark 6.3, "inline link"] */
export function scanLinkTail(
  text: string,
  offset: number,
  decode: DecodeReference,
): (LinkDefinition & { readonly end: number }) | "unfinished" | undefined {
  if (text.charCodeAt(offset) !== 40) return undefined;
  const destination = scanLinkDestination(text, skipSpaceAndLineEnd(text, offset + 1));
  if (destination === undefined) return "unfinished";
  let end = skipSpaceAndLineEnd(text, destination.end);
  const title = end > destination.end ? scanLinkTitle(text, end) : undefined;
  if (title !== undefined) end = skipSpaceAndLineEnd(text, title.end);
  const next = text.charAt(end);
  if (next === ")") {
    return {
      destination: unescapeText(destination.text, decode),
      title: title && unescapeText(title.text, decode),
      end: end + 1,
    };
  }
  return next === "" || /["'(]/.test(next) ? "unfinished" : undefined;
}
