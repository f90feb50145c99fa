const LINK_PROTOCOLS: ReadonlySet<string> = new Set(["https:", "http:", "mailto:", "tel:"]);

/**
 * Where a link may lead, or undefined: only a whole address with one of the few protocols above.
 * The browser's own parser decides, so no spelling of a scheme gets past (`java\tscript:`).
 *
 * @param destination With references and escapes resolved.
 */
export function safeUrl(destination: string): URL | undefined {
  // Not `URL.parse`: Safari has it from 18 only.
  if (!URL.canParse(destination)) return undefined;
  const url = new URL(destination);
  return LINK_PROTOCOLS.has(url.protocol) ? url : undefined;
}
