import { parseHost } from "./host-guard.ts";

/** What a browser says about where a request comes from. */
export interface RequestOrigin {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
  readonly secFetchMode: string | undefined;
}

const READS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether the request was made by the app itself, or by something that is no browser (it sends neither header,
 * and carries no cookie it wasn't given). `allowedHosts` admits the public name of a proxy that rewrites `Host`,
 * port included: another port of this machine is another program.
 */
export function isOwnOrigin(request: RequestOrigin, allowedHosts: readonly string[]): boolean {
  const site = request.secFetchSite;
  if (READS.has(request.method)) {
    // A read changes nothing, but a foreign page could hold all streams open; following a link is fine.
    return site !== "cross-site" || request.secFetchMode === "navigate";
  }
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  if (request.origin === undefined) return true;
  const own = parseHost(request.host);
  const named = /^https?:\/\/([^/]+)$/i.exec(request.origin)?.[1];
  const origin = parseHost(named);
  if (origin === undefined) return false;
  return origin.host === own?.host || allowedHosts.includes(origin.host);
}
