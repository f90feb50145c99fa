import * as v from "valibot";
import { LOG_EVENT_TYPES, LogEventSchema, type LogEvent, type UnknownEvent } from "./events.ts";
import { EpochSchema, SeqSchema, SessionIdSchema } from "./ids.ts";
import { parse, parseJson, type ParseFailure } from "./parse.ts";
import { err, ok, type Result } from "./result.ts";

/** Everything that happened from `from` to `seq`, both included. Deltas of one part may be merged into the first. */
export interface LogFrame {
  readonly from: number;
  readonly seq: number;
  readonly events: readonly (LogEvent | UnknownEvent)[];
}

const RawFrameSchema = v.pipe(
  v.object({ from: SeqSchema, seq: SeqSchema, events: v.array(v.looseObject({ type: v.string() })) }),
  v.check((frame) => frame.from >= 1 && frame.from <= frame.seq, "from must be between 1 and seq"),
);

export function parseLogFrame(input: unknown): Result<LogFrame, ParseFailure> {
  const raw = parse(RawFrameSchema, input);
  if (!raw.ok) return raw;
  const events: (LogEvent | UnknownEvent)[] = [];
  for (const [index, item] of raw.value.events.entries()) {
    if (!LOG_EVENT_TYPES.has(item.type)) {
      events.push({ type: "unknown", raw: item });
      continue;
    }
    const event = parse(LogEventSchema, item);
    if (!event.ok) {
      const field = event.error.field;
      return err({
        field: field === undefined ? `events.${index}` : `events.${index}.${field}`,
        message: event.error.message,
      });
    }
    events.push(event.value);
  }
  return ok({ from: raw.value.from, seq: raw.value.seq, events });
}

/** From the `data` of an SSE message. Never throws. */
export function parseLogFrameJson(text: string): Result<LogFrame, ParseFailure> {
  const json = parseJson(v.unknown(), text);
  return json.ok ? parseLogFrame(json.value) : json;
}

/** The JSON text of a frame; unknown events go out as they came in. Always one line. */
export function encodeLogFrame(frame: LogFrame): string {
  return JSON.stringify(toWireFrame(frame));
}

/** The JSON value of a frame; unknown events go out as they came in. */
export function toWireFrame(frame: LogFrame): { from: number; seq: number; events: unknown[] } {
  return {
    from: frame.from,
    seq: frame.seq,
    events: frame.events.map((event) => (event.type === "unknown" ? event.raw : event)),
  };
}

export const HelloSchema = v.object({
  protocol: v.string(),
  session: SessionIdSchema,
  epoch: EpochSchema,
  tail: SeqSchema,
  heartbeatMs: v.pipe(v.number(), v.finite(), v.minValue(1)),
  version: v.string(),
});
export type Hello = v.InferOutput<typeof HelloSchema>;

/** The payload of `caught-up` and `ping`: the newest seq of the log. */
export const TailSchema = v.object({ tail: SeqSchema });

export const ResyncReasonSchema = v.picklist(["epoch", "ahead", "trimmed", "malformed"]);
export const ResyncSchema = v.object({ reason: ResyncReasonSchema });
export type ResyncReason = v.InferOutput<typeof ResyncReasonSchema>;

export const ByeReasonSchema = v.picklist(["draining", "deleted", "signed-out", "not-found", "limit"]);
export const ByeSchema = v.object({
  reason: ByeReasonSchema,
  retryMs: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0))),
});
export type ByeReason = v.InferOutput<typeof ByeReasonSchema>;
export type Bye = v.InferOutput<typeof ByeSchema>;

/** Extension: `storage-full` tells readers that nothing can be written for now; the turns' end follows when it can. */
export const NoticeSchema = v.object({
  code: v.picklist(["storage-full", "storage-ok"]),
  message: v.string(),
});
export type Notice = v.InferOutput<typeof NoticeSchema>;

const CONTROL_SCHEMAS = {
  hello: HelloSchema,
  "caught-up": TailSchema,
  ping: TailSchema,
  resync: ResyncSchema,
  bye: ByeSchema,
  notice: NoticeSchema,
} as const;

export type ControlName = keyof typeof CONTROL_SCHEMAS;
export const CONTROL_NAMES = [
  "hello",
  "caught-up",
  "ping",
  "resync",
  "bye",
  "notice",
] as const satisfies readonly ControlName[];

/** A control frame: has an `event:` name and never an `id:` (an id would push the cursor past real events). */
export type ControlFrame =
  | ({ readonly name: "hello" } & Hello)
  | { readonly name: "caught-up"; readonly tail: number }
  | { readonly name: "ping"; readonly tail: number }
  | { readonly name: "resync"; readonly reason: ResyncReason }
  | ({ readonly name: "bye" } & Bye)
  | ({ readonly name: "notice" } & Notice);

/** From an SSE message's event name and `data`. Never throws. */
export function parseControlFrame(name: ControlName, text: string): Result<ControlFrame, ParseFailure> {
  switch (name) {
    case "hello": {
      const parsed = parseJson(CONTROL_SCHEMAS.hello, text);
      return parsed.ok ? ok({ name, ...parsed.value }) : parsed;
    }
    case "caught-up": {
      const parsed = parseJson(CONTROL_SCHEMAS["caught-up"], text);
      return parsed.ok ? ok({ name, ...parsed.value }) : parsed;
    }
    case "ping": {
      const parsed = parseJson(CONTROL_SCHEMAS.ping, text);
      return parsed.ok ? ok({ name, ...parsed.value }) : parsed;
    }
    case "resync": {
      const parsed = parseJson(CONTROL_SCHEMAS.resync, text);
      return parsed.ok ? ok({ name, ...parsed.value }) : parsed;
    }
    case "bye": {
      const parsed = parseJson(CONTROL_SCHEMAS.bye, text);
      return parsed.ok ? ok({ name, ...parsed.value }) : parsed;
    }
    case "notice": {
      const parsed = parseJson(CONTROL_SCHEMAS.notice, text);
      return parsed.ok ? ok({ name, ...parsed.value }) : parsed;
    }
  }
}

/** The JSON text of a control frame's `data`. */
export function encodeControlFrame(frame: ControlFrame): string {
  const { name: _name, ...data } = frame;
  return JSON.stringify(data);
}
