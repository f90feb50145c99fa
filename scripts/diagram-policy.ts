import { createHash } from "node:crypto";

/**
 * What the page for diagrams may do: run the one script whose hash it names, and style itself. No connection, no picture but those
 * within the text, no form, no frame. Trusted Types are not asked for: the library writes HTML.
 */
export const DIAGRAM_POLICY = [
  "default-src 'none'",
  "script-src 'SCRIPT_HASH'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "font-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** As a policy names an inline script. [CSP 3 § 2.3.1] */
export function hashSource(script: string): string {
  return `sha256-${createHash("sha256").update(script).digest("base64")}`;
}
