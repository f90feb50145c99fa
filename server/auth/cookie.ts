/** The cookie that carries a sign-in's token: out of reach of scripts and of other sites. */
export interface SessionCookie {
  /** The token of a `Cookie` header, unchecked. */
  read(header: string | undefined): string | undefined;
  /** The `Set-Cookie` value that keeps `token` for `maxAgeMs`; `isSecure`: never to be sent over plain http. */
  write(token: string, maxAgeMs: number, isSecure: boolean): string;
  /** The `Set-Cookie` value that forgets it. */
  clear(): string;
}

export function createSessionCookie(isHttps: boolean): SessionCookie {
  // `__Host-` is refused by browsers over plain http, and there a sibling domain could not be kept out anyway.
  const name = isHttps ? "__Host-holdfast" : "holdfast";
  const attributesOf = (isSecure: boolean): string =>
    `Path=/; HttpOnly; SameSite=Strict${isHttps || isSecure ? "; Secure" : ""}`;
  return {
    read(header) {
      for (const pair of (header ?? "").split(";")) {
        const equals = pair.indexOf("=");
        if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
      }
      return undefined;
    },
    write: (token, maxAgeMs, isSecure) =>
      `${name}=${token}; Max-Age=${Math.floor(maxAgeMs / 1000)}; ${attributesOf(isSecure)}`,
    clear: () => `${name}=; Max-Age=0; ${attributesOf(false)}`,
  };
}
