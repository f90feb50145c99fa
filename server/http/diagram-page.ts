/** The page that draws diagrams, in a frame of the app's pages. */
export const DIAGRAM_PATH = "/diagram.html";

const POLICY = /<meta http-equiv="Content-Security-Policy" content="([^"]+)"/;

/**
 * Headers of that page, which are its own: the policy that its build has written into it, with what only a header can say.
 * It has an opaque origin wherever it is opened, and only the app may frame it. Throws when it has no policy.
 */
export function diagramHeaders(html: string): Readonly<Record<string, string>> {
  const policy = POLICY.exec(html)?.[1];
  if (policy === undefined)
    throw new Error("dist/diagram.html names no policy of its own. Build the app again.");
  return {
    "content-security-policy": `${policy}; sandbox allow-scripts; frame-ancestors 'self'`,
    "x-frame-options": "SAMEORIGIN",
  };
}
