import { CONTROL_NAMES, type ControlName } from "../protocol/frames.ts";
import type { EventSourcePort } from "../streaming/ports.ts";

/** The part of the native `EventSource` that is used; its own retry never is. */
export interface NativeSource {
  addEventListener(type: string, listener: (event: Event) => void): void;
  close(): void;
}

/**
 * Streams over the browser's `EventSource`. Every `error` is reported whatever `readyState` says: engines disagree
 * on which failures they retry, never back off, and repeat a stale cursor, so the core closes and decides itself.
 */
export function createEventSourcePort(
  construct: (url: string) => NativeSource = (url) => new EventSource(url),
): EventSourcePort {
  return {
    open(url, handlers) {
      let isClosed = false;
      let native: NativeSource | undefined;

      const listen = (source: NativeSource, type: string, handle: (event: Event) => void): void => {
        source.addEventListener(type, (event) => {
          // A closed source may still have events in the queue of its event loop (S6).
          if (!isClosed) handle(event);
        });
      };
      const onMessage = (name: ControlName | undefined) => (event: Event) => {
        if ("data" in event && typeof event.data === "string") handlers.onMessage(name, event.data);
      };

      try {
        native = construct(url);
        listen(native, "open", () => handlers.onOpen());
        listen(native, "message", onMessage(undefined));
        for (const name of CONTROL_NAMES) listen(native, name, onMessage(name));
        listen(native, "error", () => handlers.onError());
      } catch {
        // No EventSource here, or an address it refuses: reported like any other failure, and never synchronously.
        queueMicrotask(() => {
          if (!isClosed) handlers.onError();
        });
      }

      return {
        close() {
          if (isClosed) return;
          isClosed = true;
          // A source left open holds one of six connections to the origin until it is collected.
          native?.close();
        },
      };
    },
  };
}
