import type { Backend } from "../../src/backend/backend-types.ts";
import type { Clock } from "../../src/backend/ports.ts";
import { controlMessage } from "../../src/protocol/sse.ts";
import type { Bye } from "../../src/protocol/frames.ts";
import { SessionIdSchema } from "../../src/protocol/ids.ts";
import { parse } from "../../src/protocol/parse.ts";
import type { Access } from "../auth/access.ts";
import { clientOf } from "../auth/attempt-limiter.ts";
import type { ServerLimits } from "../limits.ts";
import { addressOf, headerOf, type NodeRequest, type NodeResponse } from "./exchange.ts";
import { SseSink } from "./sse-sink.ts";

export interface StreamEndpointOptions {
  readonly backend: Backend;
  readonly access: Access;
  readonly clock: Clock;
  readonly limits: ServerLimits;
}

/** `GET /api/sessions/:sid/stream`, written straight to Node's response. */
export interface StreamEndpoint {
  handle(request: NodeRequest, response: NodeResponse, sid: string, after: string | undefined): void;
}

export function createStreamEndpoint({
  backend,
  access,
  clock,
  limits,
}: StreamEndpointOptions): StreamEndpoint {
  const openByClient = new Map<string, number>();
  let open = 0;

  return {
    handle(request, response, sid, after) {
      const admitted = access.check(request);
      const sink = new SseSink(request, response, clock, limits.lingerMs);
      // An EventSource can't see a status: a refusal is one `bye` and the end (PROTOCOL §3).
      const refuse = (bye: Bye): void => {
        sink.write(controlMessage({ name: "bye", ...bye }));
        sink.end();
      };
      const id = parse(SessionIdSchema, sid);
      if (admitted.kind === "signed-out") return refuse({ reason: "signed-out" });
      if (!id.ok) return refuse({ reason: "not-found" });
      const client = admitted.kind === "signed-in" ? admitted.signIn.id : clientOf(addressOf(request));
      const own = openByClient.get(client) ?? 0;
      if (open >= limits.maxStreams || own >= limits.maxStreamsPerClient) {
        return refuse({ reason: "limit", retryMs: limits.refusedStreamRetryMs });
      }

      open += 1;
      openByClient.set(client, own + 1);
      const start = {
        lastEventId: headerOf(request, "last-event-id"),
        after,
      };
      const subscription = backend.openStream(id.value, start, sink);
      sink.onDrain(() => subscription.onDrain());
      const forget = access.onEnd(admitted, () => subscription.end({ reason: "signed-out" }));
      sink.onClose(() => {
        subscription.unsubscribe();
        forget();
        open -= 1;
        const left = (openByClient.get(client) ?? 1) - 1;
        if (left > 0) openByClient.set(client, left);
        else openByClient.delete(client);
      });
      return undefined;
    },
  };
}
