import { hostname, networkInterfaces } from "node:os";
import { isIP } from "node:net";
import { isLoopback, isWildcard } from "../config.ts";

/** What a `Host` must be. A page of another site that rebinds its name to this machine still sends its own name. */
export interface HostGuard {
  /** Whether a browser may call the server `host` (a `Host` or `:authority` header). */
  isAllowed(host: string | undefined): boolean;
}

export interface HostGuardOptions {
  /** The address that is listened on. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
  /** The machine's own addresses and names, asked anew each time: an interface may come up later. */
  readonly ownNames?: () => readonly string[];
}

/** Spellings of allowed hosts that are remembered: ports and letter case make a few. */
const MAX_SEEN = 64;

export function createHostGuard({
  host,
  allowedHosts,
  ownNames = machineNames,
}: HostGuardOptions): HostGuard {
  /** Headers as browsers keep sending them: parsed once. Only allowed ones, so nobody can fill it. */
  const seen = new Set<string>();
  const names = new Set(["localhost", "127.0.0.1", "[::1]", bracketed(host), ...allowedHosts]);
  return {
    isAllowed(header) {
      if (header === undefined) return false;
      if (seen.has(header)) return true;
      const parsed = parseHost(header);
      if (parsed === undefined) return false;
      if (names.has(parsed.hostname) || names.has(parsed.host)) {
        if (seen.size < MAX_SEEN) seen.add(header);
        return true;
      }
      if (!isWildcard(host)) return isLoopback(host) && isLoopback(parsed.hostname);
      return ownNames().map(bracketed).includes(parsed.hostname);
    },
  };
}

/** Lower case, IPv6 in brackets, default port gone; undefined when it is no host. */
export function parseHost(
  header: string | undefined,
): { readonly hostname: string; readonly host: string } | undefined {
  if (header === undefined || header === "" || /[/?#@\\\s]/.test(header)) return undefined;
  const text = `http://${header}/`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  // A name's closing dot means the same host.
  return { hostname: url.hostname.replace(/\.$/, ""), host: url.host };
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? (parseHost(`[${host}]`)?.hostname ?? host) : host;
}

/** Addresses of the interfaces, the host name, and its name on the local network (mDNS). */
function machineNames(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) =>
    (entries ?? []).map((entry) => entry.address),
  );
  const name = hostname().toLowerCase();
  return [...addresses, name, `${name}.local`];
}
