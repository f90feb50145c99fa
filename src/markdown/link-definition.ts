import { unescapeText, type DecodeReference } from "./character-reference.ts";
import {
  normalizeLabel,
  scanLinkDestination,
  scanLinkLabel,
  scanLinkTitle,
  skipSpaceAndLineEnd,
  skipSpaces,
} from "./link-syntax.ts";

/** Where the links of a label lead. */
export interface LinkDefinition {
  readonly destination: string;
  readonly title: string | undefined;
}

/** A definition at the start of a paragraph, and where what follows it begins. */
export interface ScannedDefinition extends LinkDefinition {
  /** Normalized. */
  readonly label: string;
  readonly end: number;
}

/** A link reference definition that begins at `offset`. [CommonMark 4.7] */
export function scanLinkDefinition(
  text: string,
  offset: number,
  decode: DecodeReference,
): ScannedDefinition | undefined {
  const label = scanLinkLabel(text, offset);
  if (typeof label !== "object" || text.charCodeAt(label.end) !== 58) return undefined;
  const name = normalizeLabel(label.text);
  if (name === "") return undefined;
  const start = skipSpaceAndLineEnd(text, label.end + 1);
  const destination = scanLinkDestination(text, start);
  if (typeof destination !== "object" || destination.end === start) return undefined;
  const end = lineEnd(text, destination.end);
  const titleStart = skipSpaceAndLineEnd(text, destination.end);
  const title = titleStart > destination.end ? scanLinkTitle(text, titleStart) : undefined;
  const titleEnd = typeof title === "object" ? lineEnd(text, title.end) : undefined;
  // What looks like a title and isn't one belongs to the next line, when it stands there.
  if (titleEnd === undefined && end === undefined) return undefined;
  return {
    label: name,
    destination: unescapeText(destination.text, decode),
    title: titleEnd === undefined || typeof title !== "object" ? undefined : unescapeText(title.text, decode),
    end: titleEnd ?? end ?? text.length,
  };
}

/** The start of the next line, when nothing else is on this one. */
function lineEnd(text: string, offset: number): number | undefined {
  const at = skipSpaces(text, offset);
  if (at >= text.length) return text.length;
  return text.charCodeAt(at) === 10 ? at + 1 : undefined;
}
