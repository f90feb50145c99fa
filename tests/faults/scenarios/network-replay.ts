import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { isStream } from "../../support/gateway-rules.ts";
import type { GatewayRequest } from "../../support/http-gateway.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { expectThat, LIVE, streamsSince, untilConnection, untilCounted } from "../steps.ts";

const ROOT = new URL("../../..", import.meta.url).pathname;

/** Characters of one to four bytes, joined ones. */
const MANY_BYTES = `Grüße 🙂 漢字 👩‍👩‍👧 naïve ${"αβγδε ".repeat(8)}Ende`;

export const trickle: Scenario = {
  id: "17",
  title: "Three bytes at a time: split characters and split lines are put together again",
  async run(stage) {
    const app = await stage.open();
    stage.gateway.rule({
      when: isStream,
      action: { kind: "shape", shape: { kind: "trickle", bytes: 3, everyMs: 1 } },
    });
    await app.begin("echo first");
    await stage.until("the first answer", async () => (await app.answers())[0] === "first");
    // Put in as if pasted: not every driver has keys for these characters.
    await app.tab.evaluate((text) => {
      document.querySelector<HTMLTextAreaElement>('textarea[aria-label="Message"]')?.focus();
      document.execCommand("insertText", false, text);
    }, `echo ${MANY_BYTES}`);
    await app.send(".");
    await stage.until("the whole text", async () => (await app.answers())[1] === `${MANY_BYTES}.`, 20_000);
    stage.gateway.clear();
  },
};

/** A server that has trimmed its log, told to a client whose cursor is older. */
function trimmed(request: GatewayRequest): string {
  const [epoch = "", seq = "0"] = (request.query.get("after") ?? "").split(".");
  const session = request.path.split("/")[3];
  const hello = {
    protocol: "1",
    session,
    epoch,
    tail: Number(seq) + 1_000,
    heartbeatMs: 1_000,
    version: "test",
  };
  return `event: hello\ndata: ${JSON.stringify(hello)}\n\nevent: resync\ndata: {"reason":"trimmed"}\n\n`;
}

export const oldCursor: Scenario = {
  id: "18",
  title: "The cursor is too old, then ahead of the log: `resync`, read from the snapshot, on from there",
  async run(stage) {
    const app = await stage.open();
    await app.begin("count 200 20");
    await untilCounted(stage, app, 10);
    stage.gateway.rule({
      when: isStream,
      times: 1,
      action: { kind: "answer", status: 200, type: "text/event-stream; charset=utf-8", body: trimmed },
    });
    await meetResync(stage);
    await untilConnection(stage, app, LIVE);
    await untilCounted(stage, app, 60);
    // The real server's own answer to a cursor that it can't have given.
    stage.gateway.rule({
      when: isStream,
      times: 1,
      rewrite: (url) => {
        const [epoch = ""] = (url.searchParams.get("after") ?? "").split(".");
        url.searchParams.set("after", `${epoch}.900000`);
      },
    });
    await meetResync(stage);
    await untilConnection(stage, app, LIVE);
  },
};

async function meetResync(stage: Stage): Promise<void> {
  const brokenAtMs = performance.now();
  stage.proxy.rst();
  await stage.until("the snapshot is read, and a stream opened from it", () => {
    const since = stage.gateway.requests.filter(({ atMs }) => atMs >= brokenAtMs);
    const snapshot = since.find(({ method, path }) => method === "GET" && /\/sessions\/[^/]+$/.test(path));
    return snapshot !== undefined && streamsSince(stage, snapshot.atMs) > 0;
  });
}

export const newEpoch: Scenario = {
  id: "19",
  title: "The server comes back from a backup, each log with a new epoch: read anew, nothing doubled",
  async run(stage) {
    const app = await stage.open();
    await app.begin("count 40 5");
    await untilCounted(stage, app, 40);
    const { server } = stage;
    const log = await server.logTexts(sessionOf(stage));
    expectThat(log[0]?.outcome === "complete", `the turn ended as ${log[0]?.outcome}`);
    const backup = join(server.dataDir, "backup.sqlite");
    runOnData(server.dataDir, "server/backup.ts", backup);
    await server.kill("SIGTERM");
    runOnData(server.dataDir, "server/restore.ts", backup);
    await server.startServer();
    const streamed = stage.gateway.requests.findLast(isStream);
    const oldEpoch = streamed?.query.get("after")?.split(".")[0];
    await untilConnection(stage, app, LIVE, 20_000);
    await stage.until("streams of a new epoch", () => {
      const epoch = stage.gateway.requests.findLast(isStream)?.query.get("after")?.split(".")[0];
      return epoch !== undefined && epoch !== oldEpoch;
    });
    await app.send("echo after the restore");
    await app.draft("kept over a reload");
    await app.tab.reload();
    await untilConnection(stage, app, LIVE);
  },
};

function sessionOf(stage: Stage): string {
  return stage.gateway.requests.findLast(isStream)?.path.split("/")[3] ?? "";
}

function runOnData(dataDir: string, script: string, file: string): void {
  execFileSync(join(ROOT, "node_modules/.bin/node"), [script, file], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"] ?? "", HOLDFAST_DATA_DIR: dataDir },
  });
}

export const replayOverlap: Scenario = {
  id: "20",
  title: "The server ignores the cursor and sends everything again after each reconnect: nothing is doubled",
  async run(stage) {
    const app = await stage.open();
    stage.gateway.rule({
      when: isStream,
      rewrite: (url) => url.searchParams.delete("after"),
      without: ["last-event-id"],
    });
    await app.begin("count 250 15");
    for (const upTo of [20, 80, 150]) {
      // oxlint-disable-next-line no-await-in-loop -- one reset after the other
      await untilCounted(stage, app, upTo);
      stage.proxy.rst();
    }
    await untilCounted(stage, app, 250);
  },
};
