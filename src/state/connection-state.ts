import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import { connectionChip, type ConnectionChip, type ConnectionFacts } from "./connection-chip.ts";

export interface ConnectionSignals {
  readonly chip: ReadonlySignal<ConnectionChip>;
  readonly isSignedOut: ReadonlySignal<boolean>;
  readonly isOffline: ReadonlySignal<boolean>;
  readonly isHidden: ReadonlySignal<boolean>;
  /** Why the viewed session's stream has ended for good. */
  readonly closedReason: ReadonlySignal<"deleted" | "not-found" | "update-needed" | undefined>;
  /** Whether a countdown is shown, so that something has to tick. */
  readonly isCounting: ReadonlySignal<boolean>;
}

export interface ConnectionStateStore extends ConnectionSignals {
  setFacts(facts: Partial<ConnectionFacts>): void;
  tick(nowMs: number): void;
}

export function createConnectionState(): ConnectionStateStore {
  const facts = signal<ConnectionFacts>({
    isSignedOut: false,
    isOffline: false,
    isHidden: false,
    isUpdateNeeded: false,
    listFailure: undefined,
    connection: undefined,
    reasons: new Set(),
  });
  const nowMs = signal(0);
  return {
    chip: computed(() => connectionChip(facts.value, nowMs.value)),
    isSignedOut: computed(() => facts.value.isSignedOut),
    isOffline: computed(() => facts.value.isOffline),
    isHidden: computed(() => facts.value.isHidden),
    closedReason: computed(() => {
      const { connection } = facts.value;
      return connection?.kind === "closed" ? connection.reason : undefined;
    }),
    isCounting: computed(() => facts.value.connection?.kind === "waiting" && !facts.value.isHidden),
    setFacts(news) {
      batch(() => {
        facts.value = { ...facts.peek(), ...news };
      });
    },
    tick(atMs) {
      nowMs.value = atMs;
    },
  };
}
