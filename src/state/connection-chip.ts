import type { ConnectionState, PauseReason } from "../streaming/ports.ts";

/** What is known about being connected; all that the chip is made from. */
export interface ConnectionFacts {
  readonly isSignedOut: boolean;
  readonly isOffline: boolean;
  readonly isHidden: boolean;
  /** The server (or this page) speaks another major version. */
  readonly isUpdateNeeded: boolean;
  /** Why the session list could not be read, in words. */
  readonly listFailure: string | undefined;
  /** Of the session being viewed; undefined when none is. */
  readonly connection: ConnectionState | undefined;
  readonly reasons: ReadonlySet<PauseReason>;
}

/** The chip: its text begins with one of the words of PRODUCT.md. */
export interface ConnectionChip {
  readonly tone: "good" | "busy" | "bad" | "quiet";
  readonly text: string;
  /** More in words, for a tooltip. */
  readonly detail: string | undefined;
  readonly action: "retry-now" | "sign-in" | "reload" | undefined;
}

/** Pure: time passed in, so that the countdown is the caller's tick. */
export function connectionChip(facts: ConnectionFacts, nowMs: number): ConnectionChip {
  const chip = (
    tone: ConnectionChip["tone"],
    text: string,
    detail?: string,
    action?: ConnectionChip["action"],
  ): ConnectionChip => ({ tone, text, detail, action });
  if (facts.isSignedOut) {
    return chip("bad", "Signed out", "Nothing is lost: sign in to go on.", "sign-in");
  }
  if (facts.isOffline) {
    return chip("quiet", "Offline", "This device has no network. What you send waits and goes out later.");
  }
  if (
    facts.isUpdateNeeded ||
    (facts.connection?.kind === "closed" && facts.connection.reason === "update-needed")
  ) {
    return chip(
      "bad",
      "Offline: update needed",
      "This page and the server speak different versions.",
      "reload",
    );
  }
  if (facts.isHidden) return chip("quiet", "Paused while hidden");
  if (facts.connection?.kind === "closed" && facts.connection.reason === "not-found") {
    return chip("bad", "Offline: not on the server", "The server does not know this session.");
  }
  return facts.connection === undefined ||
    facts.connection.kind === "idle" ||
    facts.connection.kind === "closed"
    ? listChip(facts.listFailure, chip)
    : streamChip(facts.connection, facts, nowMs, chip);
}

type MakeChip = (
  tone: ConnectionChip["tone"],
  text: string,
  detail?: string,
  action?: ConnectionChip["action"],
) => ConnectionChip;

function listChip(failure: string | undefined, chip: MakeChip): ConnectionChip {
  if (failure === undefined) return chip("good", "Live");
  return chip("bad", "Offline: no answer from the server", failure, "retry-now");
}

function streamChip(
  connection: Exclude<ConnectionState, { kind: "idle" | "closed" }>,
  facts: ConnectionFacts,
  nowMs: number,
  chip: MakeChip,
): ConnectionChip {
  switch (connection.kind) {
    case "live":
      return chip("good", "Live");
    case "connecting":
      return chip("busy", "Catching up", "Connecting to the stream.");
    case "catching-up":
      return chip("busy", "Catching up", "Reading what happened meanwhile.");
    case "waiting": {
      const seconds = Math.max(0, Math.ceil((connection.retryAtMs - nowMs) / 1000));
      return chip("bad", `Reconnecting in ${seconds} s`, `Attempt ${connection.attempt}.`, "retry-now");
    }
    case "paused":
      if (facts.reasons.has("signed-out")) return chip("bad", "Signed out", undefined, "sign-in");
      if (facts.reasons.has("offline")) return chip("quiet", "Offline");
      return facts.reasons.has("hidden") ? chip("quiet", "Paused while hidden") : chip("busy", "Catching up");
  }
}
