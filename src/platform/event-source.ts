import { CONTROL_NAMES, type ControlName } from "../protocol/frames.ts";
import type { EventSourcePort } from "../streaming/ports.ts";
import { DOUBT_MS, shedDeadConnections, type LineTrial } from "./dead-connections.ts";

/** The part of the native `EventSource` that is used; its own retry never is. */
export interface NativeSource {
  addEventListener(type: string, listener: (event: Event) => void): void;
  close(): void;
}

/** How the source before ended; undefined: it has not, or the page gave it up without hearing why. */
interface Ending {
  readonly path: string;
  isExplained: boolean;
}

/**
 * Streams over the browser's `EventSource`. Every `error` is reported whatever `readyState` says: engines disagree
 * on which failures they retry, never back off, and repeat a stale cursor, so the core closes and decides itself.
 * With a `trial`, a stream that is opened anew because the one before fell silent is not left hanging on another
 * dead connection: the dead ones are shed and it is connected once more (S1: the first is closed before).
 */
export function createEventSourcePort(
  construct: (url: string) => NativeSource = (url) => new EventSource(url),
  trial?: LineTrial,
): EventSourcePort {
  let before: Ending | undefined;

  return {
    open(url, handlers) {
      const path = url.split("?", 1)[0] ?? url;
      const isSuspect = before?.path === path && !before.isExplained;
      const ending: Ending = { path, isExplained: false };
      before = ending;
      let isClosed = false;
      let native: NativeSource | undefined;
      const doubt = new AbortController();
      let stopDoubtTimer = (): void => undefined;
      const believe = (): void => {
        stopDoubtTimer();
        doubt.abort();
      };

      const connect = (): void => {
        try {
          const source = construct(url);
          native = source;
          const listen = (type: string, handle: (event: Event) => void): void => {
            source.addEventListener(type, (event) => {
              // A closed source may still have events in the queue of its event loop (S6).
              if (isClosed || native !== source) return;
              believe();
              handle(event);
            });
          };
          const onMessage = (name: ControlName | undefined) => (event: Event) => {
            // The server says itself why this one ends.
            if (name === "bye" || name === "resync") ending.isExplained = true;
            if ("data" in event && typeof event.data === "string") handlers.onMessage(name, event.data);
          };
          listen("open", () => handlers.onOpen());
          listen("message", onMessage(undefined));
          for (const name of CONTROL_NAMES) listen(name, onMessage(name));
          listen("error", () => {
            ending.isExplained = true;
            handlers.onError();
          });
        } catch {
          // No EventSource here, or an address it refuses: reported like any other failure, and never synchronously.
          ending.isExplained = true;
          queueMicrotask(() => {
            if (!isClosed) handlers.onError();
          });
        }
      };

      const connectAfresh = async (line: LineTrial): Promise<void> => {
        if (!(await shedDeadConnections(line, doubt.signal)) || isClosed) return;
        native?.close();
        connect();
      };

      connect();
      if (isSuspect && trial !== undefined) {
        stopDoubtTimer = trial.clock.setTimer(DOUBT_MS, () => void connectAfresh(trial));
      }

      return {
        close() {
          if (isClosed) return;
          isClosed = true;
          believe();
          // A source left open holds one of six connections to the origin until it is collected.
          native?.close();
        },
      };
    },
  };
}
