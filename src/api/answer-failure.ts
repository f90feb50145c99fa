import { parseJson, type ParseFailure } from "../protocol/parse.ts";
import { problem, ProblemSchema, UnknownProblemSchema, type Problem } from "../protocol/problems.ts";
import type { ApiFailure } from "../streaming/ports.ts";

/** An answer as far as its failure is concerned. */
export interface AnsweredWith {
  readonly status: number;
  /** Without parameters, in lower case; empty when none was named. */
  readonly mediaType: string;
  readonly text: string;
}

/** The one map from an answer to a failure; undefined when it was not refused. */
export function failureOf(answer: AnsweredWith): ApiFailure | undefined {
  if (answer.status >= 200 && answer.status <= 299) return undefined;
  const refusal = parseProblem(answer);
  // Only the answer to a password that is wrong is a 401 that says nothing of the sign-in there is.
  if (answer.status === 401 && refusal?.code !== "wrong-password") return { kind: "signed-out" };
  if (refusal !== undefined) return { kind: "problem", problem: refusal };
  // A proxy's own limit: asking again can't help, so it must not look like a lost connection.
  if (answer.status === 413) {
    return {
      kind: "problem",
      problem: problem("body-too-large", "The message is too large for the server."),
    };
  }
  return { kind: "unreachable", message: `Something between here and the server answered ${answer.status}.` };
}

/** For an answer that claims success and isn't the server's: a captive portal, a proxy's page, another app. */
export function notTheServer(answer: AnsweredWith, why?: ParseFailure): ApiFailure {
  const what = isPage(answer) ? "a web page" : "something unknown";
  const where = why?.field === undefined ? "" : ` (${why.field}: ${why.message})`;
  const message = `Instead of the server, ${what} answered${where}.`;
  // A captive portal's page passes; the server's own words that can't be read may not.
  return {
    kind: "unreachable",
    message,
    ...(answer.mediaType.endsWith("json") ? { isUnreadable: true } : {}),
  };
}

export function isPage(answer: AnsweredWith): boolean {
  return answer.mediaType === "text/html" || answer.mediaType === "application/xhtml+xml";
}

function parseProblem(answer: AnsweredWith): Problem | undefined {
  if (!answer.mediaType.endsWith("json")) return undefined;
  const known = parseJson(ProblemSchema, answer.text);
  if (known.ok) return known.value;
  // A newer server's code: judged by its status alone.
  const unknown = parseJson(UnknownProblemSchema, answer.text);
  if (!unknown.ok) return undefined;
  const { detail, retryMs } = unknown.value;
  const code = answer.status >= 500 ? "internal" : "bad-request";
  return problem(code, detail, retryMs === undefined ? {} : { retryMs });
}
