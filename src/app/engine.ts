import type { SessionId } from "../protocol/ids.ts";
import { createStreamingCore, type StreamingCoreOptions } from "../streaming/core.ts";
import type { Outbox, SessionPoller, StreamingCore } from "../streaming/core-types.ts";
import { createOutbox, type OutboxHooks } from "../streaming/outbox.ts";
import type { StreamingPorts } from "../streaming/ports.ts";
import { createSessionPoller } from "../streaming/session-poller.ts";

/** The three pure machines that the app drives. */
export interface Engine {
  readonly core: StreamingCore;
  readonly outbox: Outbox;
  readonly poller: SessionPoller;
}

/** What the machines tell the app beside their changes. */
export interface EngineHooks extends OutboxHooks {
  onSignedOut(): void;
}

export type CreateEngine = (ports: StreamingPorts, hooks: EngineHooks) => Engine;

/** The real machines over `ports`. Asks for the session list at once. */
export const createEngine = (
  ports: StreamingPorts,
  hooks: EngineHooks,
  options: StreamingCoreOptions = {},
): Engine => {
  const core = createStreamingCore(ports, options);
  const outbox = createOutbox(ports, hooks);
  const isPending = (sid: SessionId): boolean =>
    outbox.entries().some((entry) => entry.kind === "create" && entry.session === sid);
  const poller = createSessionPoller(ports, {
    viewed: () => core.viewed(),
    isPending,
    onSignedOut: () => hooks.onSignedOut(),
  });
  return { core, outbox, poller };
};
