/**
 * The makers of trusted values that may exist; each is named here, in docs/SERVER.md and nowhere else. There is none for HTML.
 * `holdfast-highlight-worker` lets one address, which the build has written, be a worker's script.
 */
const TRUSTED_TYPE_POLICIES = ["holdfast-highlight-worker"] as const;

/**
 * No inline script, nothing from elsewhere. Vite's and Preact's styles are files and CSSOM, so no inline style either.
 * Pictures may come from elsewhere over https: an answer's are loaded when a person presses them and never before, and
 * a sink for HTML, by which one could get past that, does not exist in the page (Trusted Types).
 */
export const CONTENT_SECURITY_POLICY_DIRECTIVES: readonly string[] = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: https:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "object-src 'none'",
  // The page that draws diagrams, sandboxed: every other page forbids to be framed.
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  `trusted-types ${TRUSTED_TYPE_POLICIES.join(" ")}`,
];

/** For every answer, whatever it is. */
export const CONTENT_SECURITY_POLICY = CONTENT_SECURITY_POLICY_DIRECTIVES.join("; ");
