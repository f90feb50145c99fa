import type { ConnectionState } from "./ports.ts";
import type { StreamMachine } from "./stream-state.ts";

/** What the chip shows of a session's connection. */
export function toConnectionState(machine: StreamMachine): ConnectionState {
  const { state, attempt } = machine;
  switch (state.kind) {
    case "connecting":
      return { kind: "connecting", sinceMs: state.sinceMs, attempt };
    case "waiting":
      return { kind: "waiting", retryAtMs: state.retryAtMs, attempt };
    case "following":
      return state.isCurrent
        ? { kind: "live", sinceMs: state.sinceMs }
        : { kind: "connecting", sinceMs: state.sinceMs, attempt };
    case "idle":
    case "catching-up":
    case "live":
    case "paused":
    case "closed":
      return state;
  }
}
