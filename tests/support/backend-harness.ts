import { createBackend } from "../../src/backend/backend.ts";
import type { Backend, BackendOptions } from "../../src/backend/backend-types.ts";
import { createDemoAgent, DEMO_AGENT_ID } from "../../src/backend/demo-agent.ts";
import {
  createMemoryDisk,
  createMemoryStore,
  type MemoryStore,
  type MemoryStoreOptions,
} from "../../src/backend/memory-store.ts";
import type { Agent, AgentEvent, AgentRequest } from "../../src/backend/ports.ts";
import {
  bufferText,
  createConversation,
  foldEvent,
  type ConversationState,
} from "../../src/protocol/conversation.ts";
import { parseLogFrameJson, type LogFrame } from "../../src/protocol/frames.ts";
import type { SessionId, TurnId } from "../../src/protocol/ids.ts";
import type { Problem } from "../../src/protocol/problems.ts";
import type { SendTurn } from "../../src/protocol/requests.ts";
import type { Result } from "../../src/protocol/result.ts";
import type { WireSnapshot } from "../../src/protocol/snapshot.ts";
import type { StreamMessage } from "../../src/protocol/sse.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";
import { agentId, epoch } from "./wire-samples.ts";

/** A run that does what the test says, when it says it. */
export interface PuppetRun {
  readonly request: AgentRequest;
  say(...events: AgentEvent[]): void;
  text(delta: string, part?: string): void;
  finish(): void;
  crash(cause: Error): void;
  /** Set when the signal was told. */
  isStopped(): boolean;
}

/** An agent whose runs are held by strings. Ignores its signal: what it says after a stop must be dropped by others. */
export function createPuppet(id = "puppet"): {
  readonly agent: Agent;
  readonly runs: PuppetRun[];
  last(): PuppetRun;
} {
  const runs: PuppetRun[] = [];
  const agent: Agent = {
    summary: { id: agentId(id), title: id, kind: "puppet", available: true },
    async *run(request) {
      const queue: (AgentEvent | "finish" | Error)[] = [];
      let wake = (): void => undefined;
      let isStopped = false;
      request.signal.addEventListener("abort", () => {
        isStopped = true;
      });
      const push = (...items: (AgentEvent | "finish" | Error)[]): void => {
        queue.push(...items);
        wake();
      };
      runs.push({
        request,
        say: push,
        text: (delta, part = "p1") => push({ type: "text", part, delta }),
        finish: () => push("finish"),
        crash: (cause) => push(cause),
        isStopped: () => isStopped,
      });
      for (;;) {
        const next = queue.shift();
        if (next === "finish") return;
        if (next instanceof Error) throw next;
        if (next !== undefined) yield next;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
  return {
    agent,
    runs,
    last() {
      const run = runs.at(-1);
      if (run === undefined) throw new Error("No run has begun.");
      return run;
    },
  };
}

/** A sink that records. Holds `room` messages until it is drained; endless by default. */
export class RecordingSink {
  readonly messages: StreamMessage[] = [];
  hasEnded = false;
  wasCut = false;
  room = Infinity;

  write(message: StreamMessage): boolean {
    this.messages.push(message);
    this.room -= 1;
    return this.room > 0;
  }

  end(): void {
    this.hasEnded = true;
  }

  cut(): void {
    this.hasEnded = true;
    this.wasCut = true;
  }

  frames(): LogFrame[] {
    return this.messages
      .filter((message) => message.event === undefined)
      .map((message) => frameOf(message.data));
  }

  names(): string[] {
    return this.messages.map((message) => message.event ?? "log");
  }

  control(name: string): unknown[] {
    return this.messages
      .filter((message) => message.event === name)
      .map((message) => JSON.parse(message.data) as unknown);
  }
}

export function frameOf(data: string): LogFrame {
  const frame = parseLogFrameJson(data);
  if (!frame.ok) throw new Error(`${frame.error.field ?? ""} ${frame.error.message}: ${data.slice(0, 200)}`);
  return frame.value;
}

/** Folds one reading; throws where it has a hole, an overlap or a frame that can't be folded. */
export function foldReading(frames: readonly LogFrame[], after = 0): ConversationState {
  const conversation = createConversation();
  let seq = after;
  for (const frame of frames) {
    if (frame.from !== seq + 1) throw new Error(`Frame from ${frame.from} after ${seq}.`);
    seq = frame.seq;
    for (const event of frame.events) {
      const outcome = foldEvent(conversation, event);
      if (outcome.kind === "hole") throw new Error(outcome.why);
    }
  }
  return conversation;
}

export function textsOf(conversation: ConversationState): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const turn of conversation.turns.values()) {
    for (const part of turn.parts.values()) texts[`${turn.id} ${part.id}`] = bufferText(part.buffer);
  }
  return texts;
}

export interface Harness {
  readonly backend: Backend;
  readonly clock: VirtualClock;
  readonly store: MemoryStore;
  readonly warnings: string[];
  readonly puppet: ReturnType<typeof createPuppet>;
  /** Lets time pass until the promise has settled. */
  wait<Value>(promise: Promise<Value>): Promise<Value>;
  /** The same, and the answer must be ok. */
  must<Value>(promise: Promise<Result<Value, Problem>>): Promise<Value>;
  /** The same, and the answer must be a refusal. */
  refused(promise: Promise<Result<unknown, Problem>>): Promise<Problem>;
  send(
    sid: SessionId,
    tid: TurnId,
    text: string,
    more?: Partial<SendTurn>,
  ): Promise<Result<unknown, Problem>>;
  open(
    sid: SessionId,
    start?: { lastEventId?: string; after?: string },
  ): RecordingSink & { subscription: ReturnType<Backend["openStream"]> };
  snapshot(sid: SessionId): Promise<WireSnapshot>;
  /** Another life over the same disk. The old one is left to its fate. */
  restart(): Promise<Harness>;
}

let epochs = 0;

/** A backend over a store in memory, by a virtual clock, with the demo and a puppet as its agents; the puppet is the default. */
export async function createHarness(
  options: Partial<BackendOptions> = {},
  storeOptions: MemoryStoreOptions = {},
  clock = createVirtualClock(),
): Promise<Harness> {
  const store = createMemoryStore({ disk: createMemoryDisk(), clock, ...storeOptions });
  const warnings: string[] = [];
  const puppet = createPuppet();
  const agents = [createDemoAgent(clock), puppet.agent];
  const wait = async <Value>(promise: Promise<Value>): Promise<Value> => {
    const progress = { isSettled: false };
    const mark = (): void => {
      progress.isSettled = true;
    };
    promise.then(mark, mark);
    for (let step = 0; step < 400 && !progress.isSettled; step += 1) await clock.advance(step === 0 ? 0 : 5);
    if (!progress.isSettled) throw new Error("Nothing came of it within 2 s.");
    return promise;
  };
  const backend = await wait(
    createBackend({
      store,
      clock,
      random: { epoch: () => epoch(`e${(epochs += 1)}`), fraction: () => 0.5 },
      reporter: { warn: (message) => warnings.push(message) },
      version: "test",
      agents: {
        list: async () => ({
          agents: agents.map((agent) => agent.summary),
          default: puppet.agent.summary.id,
        }),
        find: async (id) => agents.find((agent) => agent.summary.id === id),
        defaultId: () => puppet.agent.summary.id,
      },
      ...options,
    }),
  );
  const harness: Harness = {
    backend,
    clock,
    store,
    warnings,
    puppet,
    wait,
    async must(promise) {
      const result = await wait(promise);
      if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`);
      return result.value;
    },
    async refused(promise) {
      const result = await wait(promise);
      if (result.ok) throw new Error("It was not refused.");
      return result.error;
    },
    async send(sid, tid, text, more = {}) {
      const sent = await wait(backend.sendTurn(sid, { id: tid, text, mode: "queue", ...more }));
      await clock.advance(30);
      return sent;
    },
    open(sid, start = {}) {
      const sink = new RecordingSink();
      const subscription = backend.openStream(
        sid,
        { lastEventId: start.lastEventId, after: start.after },
        sink,
      );
      return Object.assign(sink, { subscription });
    },
    async snapshot(sid) {
      return harness.must(backend.snapshot(sid, {}));
    },
    restart: () => createHarness(options, { ...storeOptions, disk: store.disk }, clock),
  };
  return harness;
}

export const DEMO = { agent: DEMO_AGENT_ID };
