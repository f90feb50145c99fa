import type { Problem } from "../../src/protocol/problems.ts";
import { respond, type NodeRequest, type NodeResponse } from "./exchange.ts";

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

/** Headers that go with a problem: how long to wait, in whole seconds as HTTP has it. */
export function problemHeaders(problem: Problem): Record<string, string> {
  return {
    "content-type": PROBLEM_TYPE,
    "cache-control": "no-store",
    ...(problem.retryMs === undefined ? {} : { "retry-after": String(Math.ceil(problem.retryMs / 1000)) }),
  };
}

export function respondProblem(request: NodeRequest, response: NodeResponse, problem: Problem): void {
  respond(request, response, problem.status, problemHeaders(problem), JSON.stringify(problem));
}
