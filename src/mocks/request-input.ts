import * as v from "valibot";
import { MAX_BODY_BYTES } from "../protocol/limits.ts";
import { parse, parseJson } from "../protocol/parse.ts";
import { problem, type Problem } from "../protocol/problems.ts";
import { err, ok, type Result } from "../protocol/result.ts";
import { badRequest } from "./responses.ts";

/** What a request brings, parsed; nothing unparsed goes on to the backend. */

/** The JSON body. An absent body reads as `{}`, for requests whose every field is optional. */
export async function readBody<Schema extends v.GenericSchema>(
  request: Request,
  schema: Schema,
): Promise<Result<v.InferOutput<Schema>, Problem>> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > MAX_BODY_BYTES) return err(tooLarge());
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > MAX_BODY_BYTES) return err(tooLarge());
  const type = request.headers.get("content-type");
  if (bytes.byteLength > 0 && type !== null && !/^application\/json\s*(;|$)/i.test(type)) {
    return err(problem("unsupported-media-type", "Send the body as application/json."));
  }
  // Not `fatal`: a lone surrogate is not UTF-8 to begin with, and JSON escapes carry it unharmed.
  const text = new TextDecoder().decode(bytes);
  const parsed = parseJson(schema, text === "" ? "{}" : text);
  return parsed.ok ? parsed : err(badRequest(parsed.error));
}

function tooLarge(): Problem {
  return problem("body-too-large", `A request may be at most ${MAX_BODY_BYTES} bytes. Send less.`);
}

/** One id out of the path or the query. */
export function readId<Schema extends v.GenericSchema>(
  schema: Schema,
  field: string,
  text: string,
): Result<v.InferOutput<Schema>, Problem> {
  const parsed = parse(schema, text);
  return parsed.ok ? parsed : err(badRequest({ field, message: parsed.error.message }));
}

/** Like {@link readId} for one that may be absent. */
export function readOptionalId<Schema extends v.GenericSchema>(
  schema: Schema,
  field: string,
  query: URLSearchParams,
): Result<v.InferOutput<Schema> | undefined, Problem> {
  const text = query.get(field);
  return text === null ? ok(undefined) : readId(schema, field, text);
}

/** A whole number from 1 to `max`; undefined when absent. */
export function readCount(
  query: URLSearchParams,
  field: string,
  max: number,
): Result<number | undefined, Problem> {
  const text = query.get(field);
  if (text === null) return ok(undefined);
  const count = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
  if (count < 1) return err(badRequest({ field, message: "must be a whole number, at least 1" }));
  return ok(Math.min(count, max));
}
