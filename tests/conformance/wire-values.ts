import * as v from "valibot";

// The suite reads the wire by itself, from docs/PROTOCOL.md alone. It shares no parser, no schema and no constant with
// the product: a mistake in those would otherwise be made on both sides of the comparison, and cancel out.

export type SessionId = string;
export type TurnId = string;

/** PX.8. */
export const uuid = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, "must be a UUID in lower case"),
);

/** PX.8: ids of parts, approvals and agents. */
export const opaque = (maxChars: number) =>
  v.pipe(
    v.string(),
    v.maxLength(maxChars),
    v.check(
      // oxlint-disable-next-line no-control-regex -- control characters are exactly what an id may not hold
      (text) => /^[^\u0000-\u0020\u007F]+$/.test(text),
      "must be characters without spaces and control characters",
    ),
  );

/** P1.3: a number of a log; 0 is before the first. */
export const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** P4.1: ms since 1970. */
export const time = v.pipe(v.number(), v.finite(), v.minValue(0));

/** P1.8: `<epoch>.<seq>`. */
export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
}

/** Throws on anything that P1.5 and P1.8 do not allow. */
export function readCursor(text: string): Cursor {
  const match = /^([0-9a-z]{1,32})\.(0|[1-9][0-9]*)$/.exec(text);
  const [, epoch = "", digits = ""] = match ?? [];
  if (match === null || !Number.isSafeInteger(Number(digits))) {
    throw new Error(`[P1.8] ${JSON.stringify(text.slice(0, 80))} is no cursor`);
  }
  return { epoch, seq: Number(digits) };
}

/**
 * What `schema` makes of `input`; unknown fields are dropped, because a later minor version may add some.
 * Throws, naming `rule` and the field, when it does not fit.
 */
export function readAs<Schema extends v.GenericSchema>(
  rule: string,
  schema: Schema,
  input: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, input, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const shown = JSON.stringify(input)?.slice(0, 300) ?? "undefined";
  throw new Error(`[${rule}] ${v.getDotPath(issue) ?? "the whole"}: ${issue.message}: ${shown}`);
}

/** Like {@link readAs}, from JSON text. */
export function readJsonAs<Schema extends v.GenericSchema>(
  rule: string,
  schema: Schema,
  text: string,
): v.InferOutput<Schema> {
  return readAs(rule, schema, readJson(rule, text));
}

/** Throws, naming `rule`, when `text` is no JSON. */
export function readJson(rule: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`[${rule}] this is no JSON: ${JSON.stringify(text.slice(0, 300))}`);
  }
}
