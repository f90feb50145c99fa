/** An address without the name and password it may hold, and a `fetch` that sends them where HTTP has them. */
interface Credentialed {
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
}

/**
 * `http://me:secret@box/v1`, as proxies with a password are written: `fetch` refuses such an address.
 * A request that has an `Authorization` of its own (a key) keeps it.
 */
export function withCredentials(address: string, fetch: typeof globalThis.fetch): Credentialed {
  const url = new URL(address);
  if (url.username === "" && url.password === "") return { url: address, fetch };
  const pair = `${decoded(url.username)}:${decoded(url.password)}`;
  const authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
  url.username = "";
  url.password = "";
  return {
    url: url.href.replace(/\/+$/, ""),
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      if (!headers.has("authorization")) headers.set("authorization", authorization);
      return fetch(input, { ...init, headers });
    },
  };
}

/** A stray "%" is taken as it is. */
function decoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
    Buffer.from(bytes.replaceAll("%", ""), "hex").toString(),
  );
}
