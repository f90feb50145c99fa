import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { DIAGRAM_POLICY, hashSource } from "../../../scripts/diagram-policy.ts";
import { diagramHeaders } from "../../../server/http/diagram-page.ts";
import { builtApp, startTestServer } from "../../support/test-server.ts";

// Real files, sockets and scrypt: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 30_000 });

const SCRIPT = "document.body.append('drawn')";
const POLICY = DIAGRAM_POLICY.replace("SCRIPT_HASH", hashSource(SCRIPT));
const PAGE = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY}" /><script>${SCRIPT}</script>`;

test("the page for diagrams runs its one script, has no origin, reaches nothing, and only the app may frame it", async () => {
  const distDir = builtApp();
  writeFileSync(join(distDir, "diagram.html"), PAGE);
  const server = await startTestServer({}, { distDir });
  const { status, text, headers } = await server.call("GET", "/diagram.html", undefined, {
    "sec-fetch-dest": "iframe",
  });
  expect([status, text]).toEqual([200, PAGE]);
  expect(headers["x-frame-options"]).toBe("SAMEORIGIN");
  expect(String(headers["content-security-policy"]).split("; ")).toEqual([
    "default-src 'none'",
    `script-src '${hashSource(SCRIPT)}'`,
    "style-src 'unsafe-inline'",
    "img-src data:",
    "font-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "sandbox allow-scripts",
    "frame-ancestors 'self'",
  ]);
  const page = await server.call("GET", "/");
  expect(page.headers["x-frame-options"]).toBe("DENY");
});

test("a page without a policy is not served", () => {
  expect(() => diagramHeaders("<script>alert(1)</script>")).toThrow("names no policy");
});
