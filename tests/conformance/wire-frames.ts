import * as v from "valibot";
import { readEvent, type LogEvent } from "./wire-events.ts";
import { readAs, readJson, readJsonAs, seq, uuid } from "./wire-values.ts";

// PROTOCOL §3, written down a second time: see wire-values.ts.

/** P3.11: everything that happened from `from` to `seq`; events of later versions are left out. */
export interface LogFrame {
  readonly from: number;
  readonly seq: number;
  readonly events: readonly LogEvent[];
}

const rawFrame = v.pipe(
  v.object({ from: seq, seq, events: v.array(v.unknown()) }),
  v.check((frame) => frame.from >= 1 && frame.from <= frame.seq, "from must lie between 1 and seq"),
);

export function readFrame(input: unknown): LogFrame {
  const raw = readAs("P3.11", rawFrame, input);
  const events = raw.events.flatMap((event) => readEvent(event) ?? []);
  return { from: raw.from, seq: raw.seq, events };
}

export function readFrameJson(text: string): LogFrame {
  return readFrame(readJson("P3.28", text));
}

const tail = v.object({ tail: seq });
const positive = v.pipe(v.number(), v.finite(), v.minValue(1));

const CONTROLS = {
  hello: v.object({
    protocol: v.string(),
    session: uuid,
    epoch: v.pipe(v.string(), v.regex(/^[0-9a-z]{1,32}$/)),
    tail: seq,
    heartbeatMs: positive,
    version: v.string(),
  }),
  "caught-up": tail,
  ping: tail,
  resync: v.object({ reason: v.picklist(["epoch", "ahead", "trimmed", "malformed"]) }),
  bye: v.object({
    reason: v.picklist(["draining", "deleted", "signed-out", "not-found", "limit"]),
    retryMs: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  }),
  notice: v.object({ code: v.picklist(["storage-full", "storage-ok"]), message: v.string() }),
} as const;

export type ControlName = keyof typeof CONTROLS;
export type ControlFrame = {
  [Name in ControlName]: { readonly name: Name } & Readonly<v.InferOutput<(typeof CONTROLS)[Name]>>;
}[ControlName];
export type ControlFrameOf<Name extends ControlName> = Extract<ControlFrame, { name: Name }>;

function isControlName(name: string): name is ControlName {
  return Object.hasOwn(CONTROLS, name);
}

/** P3.12. */
export function readControl(name: string, data: string): ControlFrame {
  if (!isControlName(name)) throw new Error(`[P3.12] ${name} is no control frame`);
  // The name says which schema was used; the compiler cannot follow that through an index.
  return { name, ...readJsonAs("P3.12", CONTROLS[name], data) } as ControlFrame;
}
