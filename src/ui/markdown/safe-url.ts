import { decodeReferences } from "./character-references.ts";

const LINK_PROTOCOLS: ReadonlySet<string> = new Set(["https:", "http:", "mailto:", "tel:"]);

/**
 * Where a link may lead, or undefined: only a whole address with one of the few protocols above.
 * The browser's own parser decides, so no spelling of a scheme gets past (`java\tscript:`, `&#58;`).
 */
export function safeUrl(href: string, isLiteral = false): URL | undefined {
  const address = isLiteral ? href : decodeReferences(href);
  // Not `URL.parse`: Safari has it from 18 only.
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  return LINK_PROTOCOLS.has(url.protocol) ? url : undefined;
}
