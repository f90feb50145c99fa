import type { Disposer } from "../streaming/ports.ts";
import { CHANNEL_NAME, localKeys } from "./keys.ts";
import type { LocalText } from "./local-text.ts";

/** What tabs tell each other: about what is stored, that a draft was sent or cleared, and that one in sight waits for leave to stream. */
export const TAB_MESSAGES = [
  "outbox",
  "wiped",
  "draft-cleared",
  "slot-0-wanted",
  "slot-1-wanted",
  "slot-2-wanted",
  "slot-3-wanted",
] as const;
export type TabMessage = (typeof TAB_MESSAGES)[number];

/** Word to the other tabs of this origin, never to this one. Delivery is best effort: nothing may depend on it alone. */
export interface TabChannel {
  post(message: TabMessage): void;
  subscribe(listener: (message: TabMessage) => void): Disposer;
  /** Another tab changed this key of localStorage; undefined: all of it. */
  onLocalChange(listener: (key: string | undefined) => void): Disposer;
  dispose(): void;
}

/** The part of `BroadcastChannel` that is used. */
export interface Broadcast {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  close(): void;
}

export interface TabChannelPorts {
  readonly local: LocalText;
  /** A word that differs every time, so that writing it is a change. */
  readonly nonce: () => string;
  readonly window?: EventTarget;
  /** May throw, or be missing: then the `storage` event alone carries the word. */
  readonly openBroadcast?: () => Broadcast | undefined;
}

export function createTabChannel(ports: TabChannelPorts): TabChannel {
  const { local } = ports;
  const target = ports.window ?? window;
  const listeners = new Set<(message: TabMessage) => void>();
  const localListeners = new Set<(key: string | undefined) => void>();
  const broadcast = openSafely(ports.openBroadcast ?? openBrowserBroadcast);

  function hear(data: unknown): void {
    const message = TAB_MESSAGES.find((known) => known === data);
    if (message === undefined) return;
    for (const listener of listeners) listener(message);
  }

  broadcast?.addEventListener("message", (event) => hear(event.data));

  const onStorage = (event: Event): void => {
    const key = "key" in event && typeof event.key === "string" ? event.key : undefined;
    for (const listener of localListeners) listener(key);
    hear(TAB_MESSAGES.find((message) => key === localKeys.nudge(message)));
  };
  target.addEventListener("storage", onStorage);

  return {
    post(message) {
      if (broadcast === undefined) {
        local.set(localKeys.nudge(message), ports.nonce());
        local.remove(localKeys.nudge(message));
        return;
      }
      try {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel reaches this origin only and takes no target
        broadcast.postMessage(message);
      } catch {
        // Closed by the engine while the page was away; the `storage` event still carries it.
        local.set(localKeys.nudge(message), ports.nonce());
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onLocalChange(listener) {
      localListeners.add(listener);
      return () => localListeners.delete(listener);
    },
    dispose() {
      target.removeEventListener("storage", onStorage);
      broadcast?.close();
      listeners.clear();
      localListeners.clear();
    },
  };
}

function openBrowserBroadcast(): Broadcast | undefined {
  return typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(CHANNEL_NAME);
}

function openSafely(open: () => Broadcast | undefined): Broadcast | undefined {
  try {
    return open();
  } catch {
    // Refused in an opaque origin or with storage blocked.
    return undefined;
  }
}
