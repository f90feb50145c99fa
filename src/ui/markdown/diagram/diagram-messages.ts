/** What the page tells the frame, over the port that it gives it. */
export interface DrawRequest {
  readonly text: string;
  readonly isDark: boolean;
}

/** What the frame tells the page. The frame is not trusted: every answer goes through {@link parseDrawAnswer}. */
export type DrawAnswer =
  /** Unit: CSS px. Told again when it changes. */
  { readonly kind: "drawn"; readonly height: number } | { readonly kind: "failed"; readonly reason: string };

const MAX_REASON_CHARS = 500;

/** Undefined: nothing that the frame of this build says. */
export function parseDrawAnswer(message: unknown): DrawAnswer | undefined {
  if (typeof message !== "object" || message === null || !("kind" in message)) return undefined;
  if (message.kind === "drawn" && "height" in message) {
    const { height } = message;
    return typeof height === "number" && Number.isFinite(height) && height >= 0
      ? { kind: "drawn", height }
      : undefined;
  }
  if (message.kind === "failed" && "reason" in message && typeof message.reason === "string") {
    return { kind: "failed", reason: message.reason.slice(0, MAX_REASON_CHARS) };
  }
  return undefined;
}
