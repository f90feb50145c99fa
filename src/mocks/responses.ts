import type { ParseFailure } from "../protocol/parse.ts";
import { problem, type Problem } from "../protocol/problems.ts";

/** The few shapes an answer can have. */

export function jsonResponse(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers },
  });
}

export function emptyResponse(status = 204, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status, headers: { "cache-control": "no-store", ...headers } });
}

export function problemResponse(refusal: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(refusal), {
    status: refusal.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...headers },
  });
}

/** 400 with the field named. */
export function badRequest(failure: ParseFailure): Problem {
  const { field, message } = failure;
  return field === undefined
    ? problem("bad-request", `The request ${message}.`)
    : problem("bad-request", `"${field}" ${message}.`, { field });
}

/** 304 when the browser has this version already, else what `answer` makes, tagged. */
export async function conditional(
  request: Request,
  version: string,
  answer: () => Promise<Response> | Response,
): Promise<Response> {
  const tag = `"${version}"`;
  // `no-cache`: kept, but asked about each time. `no-store` would leave the browser nothing to compare with.
  const headers = { etag: tag, "cache-control": "private, no-cache" };
  const known = request.headers.get("if-none-match");
  const isKnown = known?.split(",").some((item) => item.trim().replace(/^W\//, "") === tag) ?? false;
  if (isKnown) return emptyResponse(304, headers);
  const response = await answer();
  if (response.ok) for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}
