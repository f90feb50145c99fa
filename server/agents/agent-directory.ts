import { createDemoAgent, DEMO_AGENT_ID } from "../../src/backend/demo-agent.ts";
import type { AgentDirectory, Clock } from "../../src/backend/ports.ts";
import type { ModelConfig } from "../config.ts";
import { withCredentials } from "./credentials.ts";
import { createModelSource, type ModelSource } from "./model-source.ts";
import { DEFAULT_SILENCE_MS } from "./openai-compatible-agent.ts";

export interface AgentDirectoryOptions {
  readonly config: ModelConfig;
  readonly clock: Clock;
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch;
  /** Longest time without a byte from a model. Unit: ms. Default 120,000. */
  readonly silenceMs?: number;
}

export interface ServerAgentDirectory extends AgentDirectory {
  /** Resolves once every address has answered or run out of time (2 s): from then on `defaultId` knows the models. */
  ready(): Promise<void>;
}

/**
 * The agents of this server: the operator's OpenAI-compatible address or else the Ollama of this machine, and `demo`.
 * Addresses are the operator's; nothing a user sends can name one. `list` takes 2 s at most, `defaultId` no time.
 */
export function createAgentDirectory(options: AgentDirectoryOptions): ServerAgentDirectory {
  const demo = createDemoAgent(options.clock);
  const source = configuredSource(options);
  // At once, so that the answer is there when the first session asks for it.
  const asked = source.fresh().then(() => undefined);
  const defaultId: AgentDirectory["defaultId"] = () =>
    source.known().find(({ available }) => available)?.id ?? DEMO_AGENT_ID;
  return {
    async list() {
      const summaries = await source.fresh();
      return { agents: [...summaries, demo.summary], default: defaultId() };
    },
    async find(id) {
      return id === DEMO_AGENT_ID ? demo : source.find(id);
    },
    defaultId,
    ready: () => asked,
  };
}

function configuredSource({ config, clock, fetch, silenceMs }: AgentDirectoryOptions): ModelSource {
  const address = config.openai?.baseUrl ?? config.ollamaUrl;
  const place = withCredentials(address, fetch ?? globalThis.fetch);
  const shared = { clock, fetch: place.fetch, silenceMs: silenceMs ?? DEFAULT_SILENCE_MS };
  if (config.openai !== undefined) {
    const { apiKey, models } = config.openai;
    return createModelSource({
      ...shared,
      family: "openai",
      kind: "openai-compatible",
      baseUrl: place.url,
      listUrl: `${place.url}/models`,
      apiKey,
      models,
      isListedWhenAbsent: true,
    });
  }
  return createModelSource({
    ...shared,
    family: "ollama",
    kind: "ollama",
    baseUrl: `${place.url}/v1`,
    listUrl: `${place.url}/api/tags`,
    apiKey: undefined,
    models: [],
    // Found by itself: most have none, and nobody asked for it.
    isListedWhenAbsent: false,
  });
}
