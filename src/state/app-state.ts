import { createAgentsState, type AgentsSignals, type AgentsState } from "./agents-state.ts";
import {
  createConnectionState,
  type ConnectionSignals,
  type ConnectionStateStore,
} from "./connection-state.ts";
import {
  createConversationState,
  type ConversationSignals,
  type ConversationState,
} from "./conversation-state.ts";
import { createDraftState, type DraftSignals, type DraftState } from "./draft-state.ts";
import {
  createSessionListState,
  type SessionListSignals,
  type SessionListState,
} from "./session-list-state.ts";
import { createSearchState, type SearchSignals, type SearchState } from "./search-state.ts";
import { createShellState, type ShellSignals, type ShellState } from "./shell-state.ts";

/** Everything the page shows but text, readonly: what the UI gets. */
export interface AppSignals {
  readonly shell: ShellSignals;
  readonly list: SessionListSignals;
  readonly conversation: ConversationSignals;
  readonly search: SearchSignals;
  readonly connection: ConnectionSignals;
  readonly agents: AgentsSignals;
  readonly draft: DraftSignals;
}

/** The same with its writers: what the app gets. */
export interface AppState extends AppSignals {
  readonly shell: ShellState;
  readonly list: SessionListState;
  readonly conversation: ConversationState;
  readonly search: SearchState;
  readonly connection: ConnectionStateStore;
  readonly agents: AgentsState;
  readonly draft: DraftState;
}

export function createAppState(): AppState {
  return {
    shell: createShellState(),
    list: createSessionListState(),
    conversation: createConversationState(),
    search: createSearchState(),
    connection: createConnectionState(),
    agents: createAgentsState(),
    draft: createDraftState(),
  };
}
