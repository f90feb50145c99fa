import { expect, test, vi } from "vitest";
import { StoreFullError } from "../../../src/backend/ports.ts";
import { startTestServer } from "../../support/test-server.ts";
import { sessionId, turnId } from "../../support/wire-samples.ts";

vi.setConfig({ testTimeout: 30_000 });

const SID = sessionId(1);

test("while the disk is full sends are refused and readers are told; then what ran ends as failed, and all goes on", async () => {
  let isFull = false;
  const server = await startTestServer(
    {},
    {
      wrapStore: (store) => ({
        ...store,
        commit: (writes) => (isFull ? Promise.reject(new StoreFullError("full")) : store.commit(writes)),
      }),
    },
  );
  await server.call("PUT", `/api/sessions/${SID}`);
  await server.call("POST", `/api/sessions/${SID}/turns`, { id: turnId(1), text: "x", agent: "endless" });
  const stream = await server.stream(`/api/sessions/${SID}/stream`);
  await stream.waitFor("the first word", () => stream.blocks.find((block) => block.data?.includes("begun")));

  isFull = true;
  const refused = await server.call("POST", `/api/sessions/${SID}/turns`, {
    id: turnId(2),
    text: "more",
    mode: "parallel",
  });
  expect([refused.status, refused.json?.["code"]]).toEqual([507, "storage-full"]);
  await server.call("POST", `/api/sessions/${SID}/turns/${turnId(1)}/stop`);
  const notice = await stream.waitFor("the notice", () =>
    stream.blocks.find((block) => block.event === "notice"),
  );
  expect(notice.data).toContain('"storage-full"');

  isFull = false;
  await stream.waitFor("the end", () => stream.blocks.find((block) => block.data?.includes("turn-ended")));
  const again = await server.call("POST", `/api/sessions/${SID}/turns`, {
    id: turnId(2),
    text: "more",
    mode: "parallel",
  });
  expect(again.status).toBe(202);
});
