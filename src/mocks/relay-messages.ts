/**
 * Between a page and the one place that runs the backend. A response's body is pulled, one chunk per `pull`,
 * so a reader that takes nothing is felt by the backend and nothing piles up in a port.
 */
export type ToHost =
  | {
      readonly kind: "request";
      readonly id: number;
      readonly url: string;
      readonly method: string;
      readonly headers: readonly (readonly [string, string])[];
      readonly body: ArrayBuffer | undefined;
    }
  | { readonly kind: "pull"; readonly id: number }
  /** The page does not read on. */
  | { readonly kind: "cancel"; readonly id: number }
  /** Names a Web Lock that the page holds while it lives: who gets it knows that the page is gone. */
  | { readonly kind: "page"; readonly lock: string }
  | { readonly kind: "close" }
  | { readonly kind: "admin"; readonly id: number; readonly action: AdminAction };

/** What may be done to the mock as a whole. */
export type AdminAction =
  /** Throws all data away and starts again. */
  | "reset"
  /** Gives every log a new epoch, as restoring a backup does. */
  | "renew-epochs"
  /** Ends the backend as a crash does and starts it again over the same log. */
  | "restart";

export type FromHost =
  | {
      readonly kind: "head";
      readonly id: number;
      readonly status: number;
      readonly headers: readonly (readonly [string, string])[];
      readonly hasBody: boolean;
    }
  | { readonly kind: "chunk"; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "end"; readonly id: number; readonly error?: string }
  | { readonly kind: "done"; readonly id: number; readonly error?: string }
  /** What an operator should know; the page says it where a developer looks. */
  | { readonly kind: "warn"; readonly message: string };

/** The end of a channel that both sides use; a `MessagePort` is one. */
export interface RelayPort<Incoming, Outgoing> {
  send(message: Outgoing): void;
  receive(listener: (message: Incoming) => void): void;
}

/** Adapts a `MessagePort`. Both ends are of one build, so what arrives is what was sent. */
export function overPort<Incoming, Outgoing>(port: MessagePort): RelayPort<Incoming, Outgoing> {
  return {
    send: (message) => port.postMessage(message),
    receive(listener) {
      port.addEventListener("message", (event: MessageEvent<Incoming>) => listener(event.data));
      port.start();
    },
  };
}
