import type { Agent, Clock } from "../../src/backend/ports.ts";
import type { AgentSummary } from "../../src/protocol/agents.ts";
import { AgentIdSchema, type AgentId } from "../../src/protocol/ids.ts";
import { parse } from "../../src/protocol/parse.ts";
import type { Result } from "../../src/protocol/result.ts";
import { hostOf } from "./model-failure.ts";
import { askForModels, type ListFailure } from "./model-list.ts";
import { createOpenAiCompatibleAgent } from "./openai-compatible-agent.ts";

/** One address and its models. */
export interface ModelSource {
  /** What is known now; never waits. */
  known(): readonly AgentSummary[];
  /** What is known once it is fresh; waits no longer than the time limit. */
  fresh(): Promise<readonly AgentSummary[]>;
  /** The agent of that name, if this source has or may have it. */
  find(id: AgentId): Promise<Agent | undefined>;
}

export interface ModelSourceOptions {
  /** `openai` or `ollama`: what ids begin with. */
  readonly family: string;
  /** {@link AgentSummary} `kind`. */
  readonly kind: string;
  readonly baseUrl: string;
  readonly listUrl: string;
  readonly apiKey: string | undefined;
  /** Empty: the address is asked. */
  readonly models: readonly string[];
  /** Whether it is listed at all while it can't be reached. */
  readonly isListedWhenAbsent: boolean;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  readonly silenceMs: number;
}

/** How long a list is believed. A failure is forgotten sooner: somebody may be starting the server just now. Unit: ms. */
const FRESH_MS = 30_000;
const FAILED_MS = 3_000;

/** How long an address may take to say what it has. Unit: ms. */
const LIST_LIMIT_MS = 2_000;

type Listing = Result<readonly string[], ListFailure>;

export function createModelSource(options: ModelSourceOptions): ModelSource {
  const { family, kind, baseUrl, clock, isListedWhenAbsent } = options;
  const isPinned = options.models.length > 0;
  let listing: Listing | undefined;
  let listedAt = 0;
  let asking: Promise<Listing> | undefined;
  /** The last list that came, for as long as the address is merely slow. */
  let models: readonly string[] = options.models;

  const isFresh = (): boolean => {
    if (listing === undefined) return false;
    const age = clock.now() - listedAt;
    // A clock set back must not make a list fresh for ever.
    return age >= 0 && age < (listing.ok ? FRESH_MS : FAILED_MS);
  };

  const refresh = async (): Promise<void> => {
    if (isFresh()) return;
    asking ??= askForModels({
      url: options.listUrl,
      apiKey: options.apiKey,
      clock,
      fetch: options.fetch,
      timeLimitMs: LIST_LIMIT_MS,
    });
    const current = asking;
    const answer = await current;
    if (asking !== current) return;
    asking = undefined;
    listedAt = clock.now();
    listing = answer;
    if (answer.ok && !isPinned) models = answer.value;
  };

  const summary = (id: AgentId, title: string): AgentSummary => {
    const why = whyNot(listing, isPinned || models.length > 0);
    return { id, title, kind, available: why === undefined, ...(why === undefined ? {} : { why }) };
  };

  const known = (): readonly AgentSummary[] => {
    const isAbsent = listing !== undefined && !listing.ok && listing.error.kind !== "slow";
    if (isAbsent && !isListedWhenAbsent) return [];
    const listed = models.flatMap((model) => {
      const id = parse(AgentIdSchema, `${family}/${model}`);
      return id.ok ? [summary(id.value, model)] : [];
    });
    if (listed.length > 0 || !isListedWhenAbsent || listing === undefined) return listed;
    // Configured, and nothing to choose: said as one entry, or nobody would know why.
    const id = parse(AgentIdSchema, family);
    if (!id.ok) return [];
    const why = listing.ok ? `${hostOf(baseUrl)} has no models.` : listing.error.why;
    return [{ id: id.value, title: hostOf(baseUrl), kind, available: false, why }];
  };

  const find = async (id: AgentId): Promise<Agent | undefined> => {
    if (!id.startsWith(`${family}/`)) return undefined;
    const model = id.slice(family.length + 1);
    if (!models.includes(model)) {
      if (isPinned) return undefined;
      await refresh();
      // An address that can't be asked now may well have it: the turn then says in words what is wrong.
      if (listing?.ok === true && !models.includes(model)) return undefined;
    }
    return createOpenAiCompatibleAgent({
      summary: summary(id, model),
      baseUrl,
      apiKey: options.apiKey,
      model,
      clock,
      silenceMs: options.silenceMs,
      fetch: options.fetch,
    });
  };

  const fresh = async (): Promise<readonly AgentSummary[]> => {
    await refresh();
    return known();
  };

  return { known, fresh, find };
}

/** Why a model of this address can't be used; undefined when it can, as far as is known. */
function whyNot(listing: Listing | undefined, areModelsKnown: boolean): string | undefined {
  if (listing === undefined || listing.ok) return undefined;
  switch (listing.error.kind) {
    case "unreachable":
    case "auth":
      return listing.error.why;
    case "slow":
    case "no-list":
      // A busy server answers late, and some have no list: neither says that it can't answer.
      return areModelsKnown ? undefined : listing.error.why;
  }
}
