import * as v from "valibot";
import { parseCursor, type Cursor } from "./cursor.ts";
import { parseLogFrame, type LogFrame } from "./frames.ts";
import { parseJson, type ParseFailure } from "./parse.ts";
import { err, ok, type Result } from "./result.ts";

/** A page of the log (P2.19): frames as the stream brings them, and where the next page goes on. */
export interface LogPage {
  readonly frames: readonly LogFrame[];
  readonly cursor: Cursor;
  readonly hasMore: boolean;
}

const RawPageSchema = v.object({ frames: v.array(v.unknown()), cursor: v.string(), hasMore: v.boolean() });

/** From the text of an answer of `GET /sessions/:sid/events`. Never throws. */
export function parseLogPage(text: string): Result<LogPage, ParseFailure> {
  const raw = parseJson(RawPageSchema, text);
  if (!raw.ok) return raw;
  const cursor = parseCursor(raw.value.cursor);
  if (!cursor.ok) return err({ field: "cursor", message: cursor.error.message });
  const frames: LogFrame[] = [];
  for (const [index, item] of raw.value.frames.entries()) {
    const frame = parseLogFrame(item);
    if (!frame.ok) {
      const { field, message } = frame.error;
      return err({ field: `frames.${index}${field === undefined ? "" : `.${field}`}`, message });
    }
    frames.push(frame.value);
  }
  return ok({ frames, cursor: cursor.value, hasMore: raw.value.hasMore });
}
