import type { ApiFailure } from "./ports.ts";
import type { ConnectVerdict } from "./stream-state.ts";

/** What happened and what to do, for a person. */
export function failureWords(failure: ApiFailure): string {
  switch (failure.kind) {
    case "problem":
      return failure.problem.detail;
    case "signed-out":
      return "You are signed out. Sign in to go on.";
    case "unreachable":
      return failure.message;
    case "update-needed":
      return `The server speaks version ${failure.version} of the protocol. Reload to update this page.`;
  }
}

/** The one map from a refused read to what the connection does next. */
export function connectVerdict(failure: ApiFailure): ConnectVerdict {
  switch (failure.kind) {
    case "signed-out":
      return { kind: "signed-out" };
    case "unreachable":
      return { kind: "retry", afterMs: 0 };
    case "update-needed":
      return { kind: "closed", reason: "update-needed" };
    case "problem": {
      const { code, retryMs } = failure.problem;
      if (code === "session-deleted") return { kind: "closed", reason: "deleted" };
      if (code === "session-not-found") return { kind: "closed", reason: "not-found" };
      if (code === "not-signed-in") return { kind: "signed-out" };
      // Everything else is the server's trouble, or ours, and passes with a deploy: never give up on reading.
      return { kind: "retry", afterMs: retryMs ?? 0 };
    }
  }
}

/** What becomes of something that was to be sent. */
export type SendVerdict =
  | { readonly kind: "retry"; readonly afterMs: number }
  | { readonly kind: "signed-out" }
  /** Nothing can be sent by this build; kept until the page is updated. */
  | { readonly kind: "hold" }
  | {
      readonly kind: "refused";
      readonly why: string;
      /** The session was deleted, or the server has never heard of it. */
      readonly isGone: boolean;
      /** It was deleted, for good. */
      readonly isDeleted: boolean;
    };

/** The one map from a refused send to what the outbox does next: what may pass is retried, what is for good is told. */
export function sendVerdict(failure: ApiFailure): SendVerdict {
  switch (failure.kind) {
    case "signed-out":
      return { kind: "signed-out" };
    case "unreachable":
      return { kind: "retry", afterMs: 0 };
    case "update-needed":
      return { kind: "hold" };
    case "problem": {
      const { problem } = failure;
      if (problem.code === "not-signed-in") return { kind: "signed-out" };
      if (problem.status >= 500 || problem.status === 429)
        return { kind: "retry", afterMs: problem.retryMs ?? 0 };
      const isDeleted = problem.code === "session-deleted";
      const isGone = isDeleted || problem.code === "session-not-found";
      return { kind: "refused", why: problem.detail, isGone, isDeleted };
    }
  }
}
