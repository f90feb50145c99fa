import type * as v from "valibot";
import {
  ApprovalIdSchema,
  SessionIdSchema,
  TurnIdSchema,
  type ApprovalId,
  type SessionId,
  type TurnId,
} from "../../src/protocol/ids.ts";
import { parse, type ParseFailure } from "../../src/protocol/parse.ts";
import { problem, type Problem } from "../../src/protocol/problems.ts";
import { err, ok, type Result } from "../../src/protocol/result.ts";
import type { ApiContext } from "./json-answer.ts";
import { parseJsonBody, readBody } from "./request-body.ts";

/** What of a request is input: ids of its path, its query, its body. Everything is unknown until it has gone through here. */

export function sessionIdOf(context: ApiContext): Result<SessionId, Problem> {
  return named("sid", parse(SessionIdSchema, context.req.param("sid")));
}

export function turnIdOf(context: ApiContext): Result<TurnId, Problem> {
  return named("tid", parse(TurnIdSchema, context.req.param("tid")));
}

export function approvalIdOf(context: ApiContext): Result<ApprovalId, Problem> {
  return named("aid", parse(ApprovalIdSchema, context.req.param("aid")));
}

/** A query parameter that `schema` takes; undefined when absent. */
export function queryId<Schema extends v.GenericSchema>(
  context: ApiContext,
  name: string,
  schema: Schema,
): Result<v.InferOutput<Schema> | undefined, Problem> {
  const text = context.req.query(name);
  return text === undefined ? ok(undefined) : named(name, parse(schema, text));
}

/** A query parameter that must be there, and that `schema` takes. */
export function queryText<Schema extends v.GenericSchema>(
  context: ApiContext,
  name: string,
  schema: Schema,
): Result<v.InferOutput<Schema>, Problem> {
  return named(name, parse(schema, context.req.query(name) ?? ""));
}

/** A whole number from 1 on; more than `max` is taken as `max`. Undefined when absent. */
export function queryCount(
  context: ApiContext,
  name: string,
  max: number,
): Result<number | undefined, Problem> {
  const text = context.req.query(name);
  if (text === undefined) return ok(undefined);
  if (!/^[1-9][0-9]{0,14}$/.test(text)) return badField(name, `must be a whole number from 1 to ${max}`);
  return ok(Math.min(Number(text), max));
}

/** The body as `schema` has it. An empty one reads as `{}`, for requests whose every field is optional. */
export async function bodyOf<Schema extends v.GenericSchema>(
  context: ApiContext,
  schema: Schema,
  maxBytes: number,
): Promise<Result<v.InferOutput<Schema>, Problem>> {
  const bytes = await readBody(context.env.incoming, maxBytes);
  if (!bytes.ok) return bytes;
  const json = parseJsonBody(context.env.incoming, bytes.value);
  if (!json.ok) return json;
  return named(undefined, parse(schema, json.value));
}

/** `whole` names what was parsed, where it has a name of its own. */
function named<Value>(
  whole: string | undefined,
  parsed: Result<Value, ParseFailure>,
): Result<Value, Problem> {
  return parsed.ok ? parsed : badField(parsed.error.field ?? whole, parsed.error.message);
}

function badField(field: string | undefined, message: string): Result<never, Problem> {
  const extras = field === undefined ? {} : { field };
  return err(problem("bad-request", `${field ?? "The body"}: ${message}`, extras));
}
