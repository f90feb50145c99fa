import type { Disposer } from "../../src/backend/ports.ts";
import { addressOf, headerOf, type NodeRequest } from "../http/exchange.ts";
import { createAttemptLimiter } from "./attempt-limiter.ts";
import { createSessionCookie } from "./cookie.ts";
import type { SignIn, SignIns } from "./sign-ins.ts";
import type { ServerLimits } from "../limits.ts";

type Admission =
  /** No password is set: whoever reaches the server may use it. */
  | { readonly kind: "open" }
  /** `setCookie`: to be sent with the answer, so that the browser keeps the cookie for longer. */
  | { readonly kind: "signed-in"; readonly signIn: SignIn; readonly setCookie: string | undefined }
  | { readonly kind: "signed-out" };

export type SignInAnswer =
  | { readonly kind: "accepted"; readonly setCookie: string | undefined }
  | { readonly kind: "wrong-password" }
  | { readonly kind: "too-many-attempts"; readonly retryMs: number };

/** Who may use the server. */
export interface Access {
  /** Whether a password is asked for. */
  readonly isGuarded: boolean;
  check(request: NodeRequest): Admission;
  signIn(request: NodeRequest, password: string): Promise<SignInAnswer>;
  /** Ends the sign-in of this request and everything that hangs on it. Answers the cookie that forgets it. */
  signOut(request: NodeRequest): string | undefined;
  onEnd(admission: Admission, run: () => void): Disposer;
}

/** `signIns` undefined: there is no password. */
export function createAccess(
  signIns: SignIns | undefined,
  options: { readonly isHttps: boolean; readonly limits: ServerLimits; readonly now: () => number },
): Access {
  if (signIns === undefined) {
    return {
      isGuarded: false,
      check: () => ({ kind: "open" }),
      signIn: async () => ({ kind: "accepted", setCookie: undefined }),
      signOut: () => undefined,
      onEnd: () => () => {},
    };
  }
  const { limits } = options;
  const cookie = createSessionCookie(options.isHttps);
  const attempts = createAttemptLimiter(
    {
      maxPerAddress: limits.maxAttemptsPerAddress,
      max: limits.maxAttempts,
      windowMs: limits.attemptWindowMs,
    },
    options.now,
  );

  return {
    isGuarded: true,
    check(request) {
      const token = cookie.read(headerOf(request, "cookie"));
      const found = token === undefined ? undefined : signIns.find(token);
      if (token === undefined || found === undefined) return { kind: "signed-out" };
      const setCookie = found.isRenewed
        ? cookie.write(token, limits.signInLifetimeMs, isBehindHttps(request))
        : undefined;
      return { kind: "signed-in", signIn: found.signIn, setCookie };
    },
    async signIn(request, password) {
      const attempt = attempts.begin(addressOf(request));
      if (attempt.kind === "refused") return { kind: "too-many-attempts", retryMs: attempt.retryMs };
      if (!(await signIns.isPassword(password))) return { kind: "wrong-password" };
      attempt.succeeded();
      const { token } = signIns.create();
      return {
        kind: "accepted",
        setCookie: cookie.write(token, limits.signInLifetimeMs, isBehindHttps(request)),
      };
    },
    signOut(request) {
      const token = cookie.read(headerOf(request, "cookie"));
      const found = token === undefined ? undefined : signIns.find(token);
      if (found !== undefined) signIns.end(found.signIn);
      return cookie.clear();
    },
    onEnd: (admission, run) =>
      admission.kind === "signed-in" ? signIns.onEnd(admission.signIn, run) : () => {},
  };
}

/** Whether a proxy says that it was asked over https. Anybody can say so; all that follows is a cookie with one more guard. */
function isBehindHttps(request: NodeRequest): boolean {
  return headerOf(request, "x-forwarded-proto")?.split(",", 1)[0]?.trim().toLowerCase() === "https";
}
