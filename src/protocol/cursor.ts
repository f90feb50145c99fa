import { EpochSchema, type Epoch } from "./ids.ts";
import { parse, type ParseFailure } from "./parse.ts";
import { err, ok, type Result } from "./result.ts";

/** "I have applied everything of this incarnation of the log up to `seq`." Seq 0 is the beginning. */
export interface Cursor {
  readonly epoch: Epoch;
  readonly seq: number;
}

/** `<epoch>.<seq>`, e.g. `k3f9.42`. */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.epoch}.${cursor.seq}`;
}

export function parseCursor(text: string): Result<Cursor, ParseFailure> {
  const malformed: ParseFailure = {
    field: undefined,
    message: `"${text.slice(0, 60)}" is not a cursor; expected <epoch>.<seq>, e.g. k3f9.42`,
  };
  const dot = text.indexOf(".");
  const digits = text.slice(dot + 1);
  if (dot < 0 || !/^(0|[1-9][0-9]{0,15})$/.test(digits)) return err(malformed);
  const epoch = parse(EpochSchema, text.slice(0, dot));
  const seq = Number(digits);
  if (!epoch.ok || !Number.isSafeInteger(seq)) return err(malformed);
  return ok({ epoch: epoch.value, seq });
}
