import type { SessionId } from "../../src/protocol/ids.ts";
import {
  createStreamingCore,
  type ObservableStreamingCore,
  type StreamingCoreOptions,
} from "../../src/streaming/core.ts";
import type { Measures } from "../../src/streaming/measures.ts";
import type { CoreChange, Random, SlotWord, StreamingPorts, TabLock } from "../../src/streaming/ports.ts";
import { createFakeApi, type FakeApi } from "./fake-api.ts";
import { createFakePage, type FakePage } from "./fake-page.ts";
import { createFakeSources, type FakeSource, type FakeSources } from "./fake-sources.ts";
import { createMemoryConversationStore, type MemoryConversationStore } from "./memory-conversation-store.ts";
import { createMemoryOutboxStore, createMemoryTabLock } from "./memory-outbox-store.ts";
import { epoch } from "./streaming-samples.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";

/** A core of one tab over fakes. */
export interface CoreHarness {
  readonly core: ObservableStreamingCore;
  readonly clock: VirtualClock;
  readonly page: FakePage;
  readonly sources: FakeSources;
  readonly api: FakeApi;
  readonly store: MemoryConversationStore;
  readonly changes: CoreChange[];
  readonly warnings: string[];
  readonly ports: StreamingPorts;
  /** Greets as a server at `tail` would, and catches up at once. */
  greet(source: FakeSource, sid: SessionId, tail: number, epochName?: string): void;
  hello(source: FakeSource, sid: SessionId, tail: number, epochName?: string, heartbeatMs?: number): void;
}

/** A random that is not: the middle of every range, ids counted up. */
export function createCountingRandom(): Random {
  let count = 0;
  return {
    fraction: () => 0.5,
    uuid() {
      count += 1;
      return `00000000-0000-7000-a000-${count.toString(16).padStart(12, "0")}`;
    },
  };
}

export function createCoreHarness(
  parts: Partial<Pick<CoreHarness, "clock" | "store" | "sources" | "page" | "api">> & {
    readonly lock?: TabLock;
    readonly slotWord?: SlotWord;
    readonly measures?: Measures;
  } = {},
  options: StreamingCoreOptions = {},
): CoreHarness {
  const clock = parts.clock ?? createVirtualClock();
  const page = parts.page ?? createFakePage();
  const sources = parts.sources ?? createFakeSources();
  const api = parts.api ?? createFakeApi();
  const store = parts.store ?? createMemoryConversationStore();
  const changes: CoreChange[] = [];
  const warnings: string[] = [];
  const ports: StreamingPorts = {
    clock,
    random: createCountingRandom(),
    sources,
    page,
    api,
    store,
    outbox: createMemoryOutboxStore(),
    lock: parts.lock ?? createMemoryTabLock(),
    ...(parts.slotWord === undefined ? {} : { slotWord: parts.slotWord }),
    ...(parts.measures === undefined ? {} : { measures: parts.measures }),
    reporter: { warn: (message) => void warnings.push(message) },
  };
  const core = createStreamingCore(ports, options);
  core.subscribe((change) => changes.push(change));
  const hello: CoreHarness["hello"] = (source, sid, tail, epochName = "e1", heartbeatMs = 10_000) => {
    source.control({
      name: "hello",
      protocol: PROTOCOL_VERSION,
      session: sid,
      epoch: epoch(epochName),
      tail,
      heartbeatMs,
      version: "test",
    });
  };
  return {
    core,
    clock,
    page,
    sources,
    api,
    store,
    changes,
    warnings,
    ports,
    hello,
    greet(source, sid, tail, epochName) {
      hello(source, sid, tail, epochName);
      source.control({ name: "caught-up", tail });
    },
  };
}
