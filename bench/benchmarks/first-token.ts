import { startModelServer, type ModelServer } from "../../tests/support/model-server.ts";
import { SID, turnId } from "../server-side/seed.ts";
import { withSubject, type Subject } from "../server-side/subject.ts";
import { view, type Viewer } from "../server-side/viewer.ts";
import type { Benchmark, Figure } from "../harness/benchmark.ts";
import { ratios } from "../harness/statistics.ts";

const TURNS = 30;

export const benchmark: Benchmark = {
  title:
    "From sending a message to the agent's start and to its first token in the stream; a model server that answers at once, against asking it directly; what a tool call costs us",
  async run({ rounds }) {
    const turns = rounds === undefined ? TURNS : rounds * 5;
    const model = await startModelServer();
    try {
      const real = { BENCH_AGENTS: "real", OPENAI_BASE_URL: model.baseUrl, OPENAI_MODEL: "words" };
      const { started, first, direct } = await withSubject(
        "holdfast",
        (subject) => throughUs(subject, model, turns, "words"),
        real,
      );
      const demo = await withSubject(
        "holdfast",
        (subject) => throughUs(subject, undefined, turns, "echo words"),
        real,
      );
      const tools = await withSubject("holdfast", (subject) => toolCalls(subject, turns));
      const figure = (what: string, values: readonly number[]): Figure => ({
        what,
        place: "node",
        unit: "ms",
        values,
      });
      return {
        figures: [
          figure("message sent → turn started, model server", started),
          figure("message sent → first token, model server", first),
          figure("request → first token, the model server asked directly", direct),
          figure("message sent → turn started, demo agent", demo.started),
          figure("message sent → first token, demo agent", demo.first),
          figure("a tool call, started → ended in the stream (the tool itself takes no time)", tools),
        ],
        ratios: [
          {
            id: "first-token-to-direct",
            what: "first token, through Holdfast ÷ directly",
            place: "node",
            values: ratios(first, direct),
            better: "lower",
            margin: 3,
          },
        ],
      };
    } finally {
      await model.close();
    }
  },
};

interface Latencies {
  readonly started: number[];
  readonly first: number[];
  readonly direct: number[];
}

/** Each turn in turn with a request that asks the model server itself. */
async function throughUs(
  subject: Subject,
  model: ModelServer | undefined,
  turns: number,
  text: string,
): Promise<Latencies> {
  const path = `/api/sessions/${SID}`;
  const agent = model === undefined ? { agent: "demo" } : {};
  await subject.send("PUT", path, agent);
  const viewer = await view(subject.port, `${path}/stream`);
  const latencies: Latencies = { started: [], first: [], direct: [] };
  for (let turn = 0; turn <= turns; turn += 1) {
    const begun = performance.now();
    const ended = follow(viewer, ["turn-started", "text-delta", "turn-ended"]);
    await subject.send("POST", `${path}/turns`, { id: turnId(turn), text });
    const [startedAt = Number.NaN, firstAt = Number.NaN] = await ended;
    const directMs = model === undefined ? 0 : await askDirectly(model);
    // The first warms up both.
    if (turn === 0) continue;
    latencies.started.push(startedAt - begun);
    latencies.first.push(firstAt - begun);
    latencies.direct.push(directMs);
  }
  viewer.socket.destroy();
  return latencies;
}

/** When each of the words came, one after the other; several may come in one piece. */
function follow(viewer: Viewer, words: readonly string[]): Promise<number[]> {
  return new Promise((resolve) => {
    const times: number[] = [];
    let text = "";
    const look = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      for (
        let word = words[times.length];
        word !== undefined && text.includes(word);
        word = words[times.length]
      )
        times.push(performance.now());
      if (times.length < words.length) return;
      viewer.socket.off("data", look);
      resolve(times);
    };
    viewer.socket.on("data", look);
  });
}

async function askDirectly(model: ModelServer): Promise<number> {
  const begun = performance.now();
  const answer = await fetch(`${model.baseUrl}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "words", stream: true, messages: [{ role: "user", content: "words" }] }),
  });
  let firstMs: number | undefined;
  for await (const chunk of answer.body ?? []) {
    if (Buffer.from(chunk).includes("content")) firstMs ??= performance.now() - begun;
  }
  return firstMs ?? Number.NaN;
}

async function toolCalls(subject: Subject, turns: number): Promise<number[]> {
  const path = `/api/sessions/${SID}`;
  await subject.send("PUT", path, {});
  const viewer = await view(subject.port, `${path}/stream`);
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const seen = follow(viewer, ["tool-started", "tool-ended", "turn-ended"]);
    await subject.send("POST", `${path}/turns`, { id: turnId(turn), text: "tools 1" });
    const [startedAt = Number.NaN, endedAt = Number.NaN] = await seen;
    times.push(endedAt - startedAt);
  }
  viewer.socket.destroy();
  return times;
}
