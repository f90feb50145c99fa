import { createServer, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { startServer } from "../../server/compose.ts";
import { loadConfig } from "../../server/config.ts";
import type { Agent, AgentEvent } from "../../src/backend/ports.ts";
import { mixedText } from "../page/texts.ts";
import { AgentIdSchema } from "../../src/protocol/ids.ts";

/**
 * The measured side, in a process of its own: `holdfast`, or `floor`, a bare node:http server that writes the same
 * bytes to the same viewers and does nothing else.
 */
export interface Usage {
  readonly rssBytes: number;
  readonly cpuMicros: number;
}

const id = v.parse(AgentIdSchema, "bench");
const WORDS = "the quick brown fox ";

/**
 * `burst N MS`: N deltas, one every MS milliseconds; without a pause when MS is 0. `tools N`: N tool calls, over at once.
 * `grow CHARS MS`: so much Markdown at once, then a word every MS milliseconds until it is stopped.
 */
const agent: Agent = {
  summary: { id, title: "Bench", kind: "bench", available: true },
  async *run({ text, signal }): AsyncIterable<AgentEvent> {
    const [, count = 0, pauseMs = 0] = text.split(" ").map(Number);
    if (text.startsWith("tools")) {
      yield* tools(count);
      return;
    }
    if (text.startsWith("grow")) {
      const grown = mixedText(count);
      for (let at = 0; at < grown.length; at += 1_000)
        yield { type: "text", part: "t", delta: grown.slice(at, at + 1_000) };
      for (let word = 0; !signal.aborted; word += 1) {
        await sleep(pauseMs);
        yield { type: "text", part: "t", delta: `word${word} ` };
      }
      return;
    }
    for (let index = 0; index < count; index += 1) {
      if (pauseMs > 0) await sleep(pauseMs);
      // In paragraphs: one of 400 KB would be a benchmark of its own.
      yield { type: "text", part: "t", delta: index % 20 === 19 ? "the end of it.\n\n" : WORDS };
    }
    const last = /the end of .*/.exec(text);
    if (last !== null) yield { type: "text", part: "t", delta: last[0] };
  },
};

async function* tools(count: number): AsyncIterable<AgentEvent> {
  for (let index = 0; index < count; index += 1) {
    // A tool of its own takes time: what is measured is what we add to it.
    await sleep(20);
    yield {
      type: "tool-started",
      part: `tool-${index}`,
      name: "look",
      title: "Look",
      kind: "read",
      input: {},
    };
    yield { type: "tool-ended", part: `tool-${index}`, status: "complete", output: {} };
  }
}

async function startHoldfast(): Promise<string> {
  const config = loadConfig({ ...process.env, PORT: "0" });
  if (!config.ok) throw new Error(config.error);
  const agents = {
    list: async () => ({ agents: [agent.summary], default: id }),
    find: async () => agent,
    defaultId: () => id,
  };
  // With the agents that the environment names, or with the one above.
  const overrides = {
    ...(process.env["BENCH_AGENTS"] === "real" ? {} : { agents }),
    // Another build of the app than the one in `dist`, to be compared with it.
    ...(process.env["BENCH_DIST"] === undefined ? {} : { distDir: process.env["BENCH_DIST"] }),
  };
  return (await startServer(config.value, overrides)).url;
}

function startFloor(): Promise<string> {
  const viewers = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    if (request.method === "POST") {
      request.resume();
      response.writeHead(202).end();
      const [, count = 0, pauseMs = 0] =
        (request.url ?? "").split("/burst/")[1]?.split("-").map(Number) ?? [];
      void burst(count, pauseMs);
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    response.write("event: caught-up\ndata: {}\n\n");
    viewers.add(response);
    response.on("close", () => viewers.delete(response));
  });
  async function burst(count: number, pauseMs: number): Promise<void> {
    for (let index = 1; index <= count; index += 1) {
      await sleep(pauseMs);
      const event = {
        type: "text-delta",
        at: Date.now(),
        turn: "0".repeat(36),
        part: "t",
        offset: index,
        delta: WORDS,
      };
      const bytes = Buffer.from(
        `id: 1f87nez4jwc3x.${index}\ndata: ${JSON.stringify({ from: index, seq: index, events: [event] })}\n\n`,
      );
      for (const viewer of viewers) viewer.write(bytes);
    }
    for (const viewer of viewers) viewer.write('data: {"turn-ended":1}\n\n');
  }
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/`);
    });
  });
}

process.on("message", () => {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const usage: Usage = {
    rssBytes: process.memoryUsage.rss(),
    cpuMicros: user + system,
  };
  process.send?.(usage);
});
process.on("disconnect", () => process.exit(0));
process.send?.(process.argv[2] === "floor" ? await startFloor() : await startHoldfast());
