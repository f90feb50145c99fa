import * as v from "valibot";
import { err, ok, type Result } from "./result.ts";

/** What was wrong with a value from outside: where, and in words. */
export interface ParseFailure {
  /** The path of the offending field, e.g. `parts.0.id`; undefined when the value as a whole is wrong. */
  readonly field: string | undefined;
  readonly message: string;
}

/**
 * The one way in for values from outside: wire, disk, environment.
 * Unknown fields are dropped, anything else that does not fit is a failure. Never throws.
 */
export function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
): Result<v.InferOutput<Schema>, ParseFailure> {
  const parsed = v.safeParse(schema, input, { abortEarly: true });
  if (parsed.success) return ok(parsed.output);
  const issue = parsed.issues[0];
  const field = v.getDotPath(issue) ?? undefined;
  return err({ field, message: issue.message });
}

/** Like {@link parse}, from JSON text. */
export function parseJson<Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
): Result<v.InferOutput<Schema>, ParseFailure> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    return err({ field: undefined, message: "is not JSON" });
  }
  return parse(schema, input);
}
