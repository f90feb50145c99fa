import { test } from "vitest";
import { MAX_BODY_BYTES } from "../../src/protocol/limits.ts";
import { conformanceSuite } from "./suite.ts";

// HOLDFAST_CONFORMANCE_URL=http://127.0.0.1:4173 npx vitest run tests/conformance/url.test.ts
// Against a server that runs somewhere, without a password. What it leaves behind it deletes.
const url = process.env["HOLDFAST_CONFORMANCE_URL"];

if (url === undefined) test.skip("no server is named by HOLDFAST_CONFORMANCE_URL");
else {
  const baseUrl = new URL(url).origin;
  let isMade = false;
  conformanceSuite(`server at ${baseUrl}`, async () => {
    // A second, fresh one can't be made of it: rules that need their own are skipped.
    if (isMade) return undefined;
    isMade = true;
    return {
      name: "url",
      baseUrl,
      heartbeatMs: Number(process.env["HOLDFAST_CONFORMANCE_HEARTBEAT_MS"] ?? 10_000),
      maxBodyBytes: MAX_BODY_BYTES,
      fetch: (request) => fetch(request),
      close: () => Promise.resolve(),
    };
  });
}
