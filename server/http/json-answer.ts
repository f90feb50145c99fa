import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { HttpBindings, Http2Bindings } from "@hono/node-server";
import type { Problem } from "../../src/protocol/problems.ts";
import { acceptedEncoding } from "./accepted-encoding.ts";
import { problemHeaders } from "./problem-response.ts";

/** Hono's context as `@hono/node-server` fills it. */
export type ApiContext = Context<{ Bindings: HttpBindings | Http2Bindings }>;

const gzipped = promisify(gzip);

/** A JSON answer, gzipped where that pays. */
export async function answerJson(
  context: ApiContext,
  value: unknown,
  options: { readonly status?: 200 | 201 | 202; readonly etag?: string; readonly minCompressedBytes: number },
): Promise<Response> {
  const text = JSON.stringify(value);
  const headers: Record<string, string> = {
    "content-type": "application/json; charset=utf-8",
    "cache-control": options.etag === undefined ? "no-store" : "private, no-cache",
    vary: "accept-encoding, cookie",
  };
  if (options.etag !== undefined) headers["etag"] = options.etag;
  const status = options.status ?? 200;
  const encoding = acceptedEncoding(context.req.header("accept-encoding"), ["gzip"]);
  if (encoding === undefined || text.length < options.minCompressedBytes)
    return context.body(text, status, headers);
  const bytes = await gzipped(text, { level: 4 });
  return context.body(new Uint8Array(bytes), status, { ...headers, "content-encoding": encoding });
}

export function answerProblem(
  context: ApiContext,
  problem: Problem,
  headers: Record<string, string> = {},
): Response {
  const all = { ...problemHeaders(problem), ...headers };
  return context.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, all);
}

/** A weak tag: the same state, however it is encoded. `incarnation` keeps counters of two lives of the server apart. */
export function weakTag(incarnation: string, version: string): string {
  return `W/"${incarnation}-${version.replaceAll(/[^\x21\x23-\x7e]/g, "_")}"`;
}

export function isFresh(context: ApiContext, etag: string): boolean {
  const header = context.req.header("if-none-match");
  if (header === undefined) return false;
  return header
    .split(/\s*,\s*/)
    .some((tag) => tag === "*" || tag.replace(/^W\//, "") === etag.replace(/^W\//, ""));
}
