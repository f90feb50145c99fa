import { expect, test } from "vitest";
import { createSessionCookie } from "../../../server/auth/cookie.ts";
import { safeReturnPath, renderSignInPage } from "../../../server/auth/sign-in-page.ts";
import { createHostGuard } from "../../../server/http/host-guard.ts";
import { isOwnOrigin } from "../../../server/http/origin-guard.ts";

const ownNames = () => ["192.168.1.5", "fe80::1", "box", "box.local"];
const loopback = createHostGuard({
  host: "127.0.0.1",
  allowedHosts: ["chat.example.org", "proxy.org:8443"],
  ownNames,
});
const everywhere = createHostGuard({ host: "0.0.0.0", allowedHosts: [], ownNames });
const oneAddress = createHostGuard({ host: "192.168.1.5", allowedHosts: [], ownNames });

test.each([
  "localhost",
  "localhost:4173",
  "LOCALHOST:80",
  "127.0.0.1:4173",
  "127.0.0.9",
  "[::1]:4173",
  "chat.example.org",
  "chat.example.org:9",
  "proxy.org:8443",
])("a server on loopback answers to %s", (host) => {
  expect(loopback.isAllowed(host)).toBe(true);
});

test.each([
  undefined,
  "",
  "evil.example",
  "evil.example:4173",
  "localhost.evil.example",
  "evil.example/localhost",
  "evil.example@localhost@evil",
  "localhost:4173/x",
  "x@localhost",
  "192.168.1.5",
  "box.local",
  "proxy.org",
  "proxy.org:1",
  "local host",
  "127.0.0.1.evil.example",
  "0.0.0.0",
])("a server on loopback does not answer to %s", (host) => {
  expect(loopback.isAllowed(host)).toBe(false);
});

test("a server on every network answers to the machine's own addresses and names, and to no other", () => {
  for (const host of ["192.168.1.5:4173", "[fe80::1]", "box:4173", "box.local", "localhost"]) {
    expect(everywhere.isAllowed(host)).toBe(true);
  }
  for (const host of ["192.168.1.6", "evil.example", "[fe80::2]"])
    expect(everywhere.isAllowed(host)).toBe(false);
});

test("a server on one address answers to that address and to loopback names", () => {
  expect(oneAddress.isAllowed("192.168.1.5:4173")).toBe(true);
  expect(oneAddress.isAllowed("box.local")).toBe(false);
});

const base = { host: "127.0.0.1:4173", origin: undefined, secFetchSite: undefined, secFetchMode: undefined };

test.each([
  ["the app itself", { origin: "http://127.0.0.1:4173", secFetchSite: "same-origin" }, true],
  ["the app in a browser without Sec-Fetch", { origin: "http://127.0.0.1:4173" }, true],
  ["something that is no browser", {}, true],
  ["a user's own doing", { secFetchSite: "none" }, true],
  [
    "the app behind a proxy that rewrites Host",
    { origin: "https://chat.example.org", secFetchSite: "same-origin" },
    true,
  ],
  ["another site", { origin: "http://evil.example" }, false],
  [
    "another site that says it is the same",
    { origin: "http://evil.example", secFetchSite: "same-origin" },
    false,
  ],
  ["another site, by Sec-Fetch alone", { secFetchSite: "cross-site" }, false],
  ["a sibling domain", { secFetchSite: "same-site" }, false],
  ["another port of this machine", { origin: "http://127.0.0.1:9999" }, false],
  ["another port of the proxy", { origin: "https://chat.example.org:9" }, false],
  ["a sandboxed frame", { origin: "null" }, false],
  ["nonsense", { origin: "http://127.0.0.1:4173/x" }, false],
])("a change asked for by %s: %j is allowed: %s", (_, headers, isAllowed) => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    expect(isOwnOrigin({ ...base, ...headers, method }, ["chat.example.org"])).toBe(isAllowed);
  }
});

test("a read by a foreign page is refused, a link to here is not", () => {
  expect(
    isOwnOrigin({ ...base, method: "GET", secFetchSite: "cross-site", secFetchMode: "no-cors" }, []),
  ).toBe(false);
  expect(
    isOwnOrigin({ ...base, method: "GET", secFetchSite: "cross-site", secFetchMode: "navigate" }, []),
  ).toBe(true);
  expect(isOwnOrigin({ ...base, method: "GET", secFetchSite: "same-origin" }, [])).toBe(true);
});

test("the cookie is out of reach of scripts and other sites, and bound to the host over https", () => {
  expect(createSessionCookie(false).write("t", 60_000, false)).toBe(
    "holdfast=t; Max-Age=60; Path=/; HttpOnly; SameSite=Strict",
  );
  expect(createSessionCookie(true).write("t", 60_000, false)).toBe(
    "__Host-holdfast=t; Max-Age=60; Path=/; HttpOnly; SameSite=Strict; Secure",
  );
  expect(createSessionCookie(true).read("a=b; __Host-holdfast=tok ; c=d")).toBe("tok");
  expect(createSessionCookie(true).read("holdfast=tok")).toBeUndefined();
  expect(createSessionCookie(false).read(undefined)).toBeUndefined();
});

test.each([
  ["/s/abc", "/s/abc"],
  [undefined, "/"],
  ["", "/"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["/x\r\nset-cookie: a=b", "/"],
  ["/\t/evil.example", "/"],
  ["/sign-in", "/"],
  ["/api/health", "/"],
])("after signing in, %j leads to %s", (to, path) => {
  expect(safeReturnPath(to)).toBe(path);
});

test("the sign-in page lets nothing through into its HTML", () => {
  const page = renderSignInPage({ to: '"><script>', message: "<b>&" });
  expect(page).toContain('value="&quot;&gt;&lt;script&gt;"');
  expect(page).toContain("&lt;b&gt;&amp;");
});
