import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { acceptedEncoding } from "../../../server/http/accepted-encoding.ts";
import { ASSET_JS, builtApp, INDEX_HTML, startTestServer } from "../../support/test-server.ts";
import { tempFolder } from "../../support/temp-folder.ts";

// Real files, sockets and scrypt: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 30_000 });

const DOCUMENT = { accept: "text/html,application/xhtml+xml" };

test("the page is asked for anew each time, its hashed files are kept for ever", async () => {
  const server = await startTestServer();
  const page = await server.call("GET", "/");
  expect([page.status, page.text, page.headers["cache-control"]]).toEqual([200, INDEX_HTML, "no-cache"]);
  expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
  const script = await server.call("GET", "/assets/main-a1b2c3.js");
  expect([script.text, script.headers["cache-control"]]).toEqual([
    ASSET_JS,
    "public, max-age=31536000, immutable",
  ]);
  expect(script.headers["content-type"]).toBe("text/javascript; charset=utf-8");
});

test("every page of the app is the same document, and a missing file is no document", async () => {
  const server = await startTestServer();
  for (const path of ["/s/01890000-0000-7000-8000-000000000001", "/unknown", "/s/x?y=z"]) {
    expect((await server.call("GET", path, undefined, DOCUMENT)).text).toBe(INDEX_HTML);
  }
  expect((await server.call("GET", "/assets/old-000000.js", undefined, { accept: "*/*" })).status).toBe(404);
  const script = await server.call("GET", "/gone.js", undefined, { ...DOCUMENT, "sec-fetch-dest": "script" });
  expect(script.json?.["code"]).toBe("not-found");
});

test("nothing but the build's own files is served", async () => {
  const dist = builtApp();
  writeFileSync(join(dist, "..", "secret.txt"), "secret");
  const server = await startTestServer({}, { distDir: dist });
  for (const path of [
    "/.holdfast-built",
    "/../secret.txt",
    "/..%2fsecret.txt",
    "/assets/../../secret.txt",
    "/%2e%2e/secret.txt",
  ]) {
    const answer = await server.call("GET", path);
    expect([path, answer.status]).toEqual([path, 404]);
  }
});

test("a known file costs nothing the second time", async () => {
  const server = await startTestServer();
  const first = await server.call("GET", "/");
  const again = await server.call("GET", "/", undefined, { "if-none-match": String(first.headers.etag) });
  expect([again.status, again.text]).toEqual([304, ""]);
});

test("text is compressed as the browser takes it, pictures are not", async () => {
  const server = await startTestServer();
  const response = await fetch(`${server.url}assets/main-a1b2c3.js`, {
    headers: { "accept-encoding": "gzip, br" },
  });
  expect(response.headers.get("content-encoding")).toBe("br");
  expect(response.headers.get("vary")).toBe("accept-encoding");
  expect(await response.text()).toBe(ASSET_JS);
  const plain = await server.call("GET", "/assets/main-a1b2c3.js");
  expect(plain.headers["content-encoding"]).toBeUndefined();
  expect(plain.headers.etag).not.toBe(response.headers.get("etag"));
  const picture = await server.call("GET", "/icon.png", undefined, { "accept-encoding": "br" });
  expect([picture.headers["content-encoding"], picture.headers["content-type"]]).toEqual([
    undefined,
    "image/png",
  ]);
});

test("HEAD says what GET would, without the body", async () => {
  const server = await startTestServer();
  const [get, head] = [await server.call("GET", "/"), await server.call("HEAD", "/")];
  expect([head.status, head.text]).toEqual([200, ""]);
  expect(head.headers["content-length"]).toBe(get.headers["content-length"]);
  expect((await server.call("HEAD", "/api/health")).status).toBe(200);
});

test("without a build the API works and a page says what to do", async () => {
  const server = await startTestServer({}, { distDir: join(tempFolder(), "none") });
  expect(server.isBuilt).toBe(false);
  expect((await server.call("GET", "/", undefined, DOCUMENT)).json?.["detail"]).toContain("npm run build");
  expect((await server.call("GET", "/api/health")).status).toBe(200);
});

test("the version told is that of the build", async () => {
  const server = await startTestServer();
  expect((await server.call("GET", "/api/health")).json).toMatchObject({ version: "9.9.9+test" });
});

test.each([
  ["gzip, deflate, br", "br"],
  ["gzip;q=1.0, br;q=0", "gzip"],
  ["br;q=0.0", undefined],
  ["identity", undefined],
  [undefined, undefined],
])("of %s the server takes %s", (header, encoding) => {
  expect(acceptedEncoding(header, ["br", "gzip"])).toBe(encoding);
});
