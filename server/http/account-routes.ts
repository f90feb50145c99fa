import { SignInSchema } from "../../src/protocol/requests.ts";
import { problem } from "../../src/protocol/problems.ts";
import { PROTOCOL_VERSION, SERVER_NAME } from "../../src/protocol/version.ts";
import type { Health } from "../../src/protocol/agents.ts";
import type { SignInAnswer } from "../auth/access.ts";
import type { ApiOptions, ApiRoute } from "./api-app.ts";
import { answerJson, answerProblem } from "./json-answer.ts";
import { bodyOf } from "./request-input.ts";

/** A password. Anybody may send one, so no more than that is kept in memory. Unit: bytes. */
const MAX_SIGN_IN_BYTES = 16_384;

/** Health, agents, signing in and out. */
export function accountRoutes({ backend, access, limits, version }: ApiOptions): readonly ApiRoute[] {
  return [
    {
      method: "GET",
      path: "/health",
      isPublic: true,
      answer(context) {
        const admission = access.check(context.env.incoming);
        const auth = admission.kind === "open" ? "none" : admission.kind;
        const health: Health = { name: SERVER_NAME, version, protocol: PROTOCOL_VERSION, auth };
        return answerJson(context, health, limits);
      },
    },
    {
      method: "GET",
      path: "/agents",
      answer: async (context) => answerJson(context, await backend.agents(), limits),
    },
    {
      method: "POST",
      path: "/sign-in",
      isPublic: true,
      async answer(context) {
        const body = await bodyOf(context, SignInSchema, MAX_SIGN_IN_BYTES);
        if (!body.ok) return answerProblem(context, body.error);
        const answer = await access.signIn(context.env.incoming, body.value.password);
        if (answer.kind !== "accepted") return answerProblem(context, signInProblem(answer));
        if (answer.setCookie !== undefined) context.header("set-cookie", answer.setCookie);
        return context.body(null, 204, { "cache-control": "no-store" });
      },
    },
    {
      method: "POST",
      path: "/sign-out",
      isPublic: true,
      async answer(context) {
        const forget = access.signOut(context.env.incoming);
        if (forget !== undefined) context.header("set-cookie", forget);
        return context.body(null, 204, { "cache-control": "no-store" });
      },
    },
  ];
}

/** Why signing in was refused, as a problem. */
export function signInProblem(
  answer: Exclude<SignInAnswer, { kind: "accepted" }>,
): ReturnType<typeof problem> {
  switch (answer.kind) {
    case "wrong-password":
      return problem("wrong-password", "That is not the password.");
    case "too-many-attempts": {
      const minutes = Math.ceil(answer.retryMs / 60_000);
      const detail = `Too many wrong passwords. Try again in ${minutes} ${minutes === 1 ? "minute" : "minutes"}.`;
      return problem("too-many-attempts", detail, { retryMs: answer.retryMs });
    }
  }
}
