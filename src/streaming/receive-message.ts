import {
  parseControlFrame,
  parseLogFrameJson,
  type ControlFrame,
  type ControlName,
  type Hello,
  type LogFrame,
} from "../protocol/frames.ts";
import { isCompatibleProtocol } from "../protocol/version.ts";
import type { Cursor } from "../protocol/cursor.ts";
import { applyFrame, type FrameEffects } from "./apply-frame.ts";
import type { CoreContext } from "./core-context.ts";
import { settleEarlier } from "./earlier-turns.ts";
import { noteTimeline, type HeldSession } from "./held-session.ts";
import { syncInflight } from "./inflight.ts";
import type { LiveStream } from "./live-streams.ts";
import { MEASURE_NAMES } from "./measures.ts";
import { followSummary } from "./session-summary.ts";
import type { StreamInput } from "./stream-state.ts";

/**
 * Takes one message of an open stream: folds it at once, tells followers, and answers what it means for the connection.
 * Pixels and disk follow by themselves. The caller has made sure that the stream is the session's current one (S6).
 */
export function receiveMessage(
  context: CoreContext,
  held: HeldSession,
  live: LiveStream,
  name: ControlName | undefined,
  data: string,
): StreamInput | undefined {
  if (name === undefined) return receiveFrame(context, held, live, data);
  const frame = parseControlFrame(name, data);
  if (frame.ok) return receiveControl(context, held, live, frame.value);
  if (name === "hello" && isOtherMajor(protocolNamed(data))) return updateNeeded(context, held);
  const where = frame.error.field === undefined ? "" : ` at ${frame.error.field}`;
  return malformed(context, held, `${name}${where}: ${frame.error.message}`);
}

function receiveControl(
  context: CoreContext,
  held: HeldSession,
  live: LiveStream,
  frame: ControlFrame,
): StreamInput | undefined {
  const nowMs = context.ports.clock.now();
  switch (frame.name) {
    case "hello":
      return receiveHello(context, held, live, frame);
    case "caught-up":
      held.tail = Math.max(held.tail, frame.tail);
      if (held.cursor === undefined || held.cursor.seq < frame.tail) {
        return hole(context, held, `caught up at ${frame.tail}, but only ${held.cursor?.seq ?? 0} arrived`);
      }
      noteTimeline(held, nowMs, "caught-up");
      measureAttach(context, held, live);
      held.hasBeenLive = true;
      held.source = "server";
      void context.saves.saveNow(held.id);
      return { kind: "caught-up" };
    case "ping":
      return receivePing(context, held, frame.tail);
    case "resync":
      noteTimeline(held, nowMs, "resync");
      return { kind: "resync" };
    case "bye":
      return { kind: "bye", reason: frame.reason, retryMs: frame.retryMs };
    case "notice":
      context.emit({ kind: "notice", session: held.id, message: frame.message });
      return undefined;
  }
}

function receiveHello(context: CoreContext, held: HeldSession, live: LiveStream, hello: Hello): StreamInput {
  if (!isCompatibleProtocol(hello.protocol)) return updateNeeded(context, held);
  if (hello.session !== held.id)
    return malformed(context, held, `hello of another session, ${hello.session}`);
  const nowMs = context.ports.clock.now();
  noteTimeline(held, nowMs, "hello");
  live.heartbeatMs = hello.heartbeatMs;
  held.latestEpoch = hello.epoch;
  held.isEpochConfirmed = true;
  held.laggingAtSeq = undefined;
  // Only a session begun here streams without a cursor: its empty conversation is the beginning of its log.
  held.cursor ??= { epoch: hello.epoch, seq: 0 };
  if (held.cursor.epoch !== hello.epoch || hello.tail < held.cursor.seq) {
    // The server owes a `resync` here; a server that forgets it would silence the stream for good.
    noteTimeline(held, nowMs, "resync");
    return { kind: "resync" };
  }
  held.tail = hello.tail;
  if (live.attaching !== undefined) {
    live.attaching.helloMs = context.measures.now();
    live.attaching.fromSeq = held.cursor.seq;
    context.measures.note(MEASURE_NAMES.attach, live.attaching.openMs, { session: held.id });
  }
  const inflight = context.INFLIGHT.get(held.id);
  if (inflight !== undefined) inflight.reattach = false;
  return { kind: "hello", tail: hello.tail };
}

/** Once per stream: a `caught-up` that is told again says nothing new. */
function measureAttach(context: CoreContext, held: HeldSession, live: LiveStream): void {
  const { attaching } = live;
  if (attaching === undefined) return;
  live.attaching = undefined;
  const detail = { session: held.id, events: (held.cursor?.seq ?? 0) - attaching.fromSeq };
  context.measures.note(MEASURE_NAMES.catchUp, attaching.helloMs, detail);
  context.measures.note(MEASURE_NAMES.reattach, attaching.openMs, detail);
}

/** A tail that stays ahead over two pings, with nothing arriving in between, was lost on the way. */
function receivePing(context: CoreContext, held: HeldSession, tail: number): StreamInput | undefined {
  held.tail = Math.max(held.tail, tail);
  const seq = held.cursor?.seq ?? 0;
  if (tail <= seq) {
    held.laggingAtSeq = undefined;
    return undefined;
  }
  if (held.machine.state.kind === "live" && held.laggingAtSeq === seq) {
    held.laggingAtSeq = undefined;
    return hole(context, held, `the log is at ${tail}, but nothing after ${seq} arrived`);
  }
  held.laggingAtSeq = seq;
  return undefined;
}

function receiveFrame(
  context: CoreContext,
  held: HeldSession,
  live: LiveStream,
  data: string,
): StreamInput | undefined {
  const startMs = context.measures.now();
  const frame = parseLogFrameJson(data);
  if (!frame.ok) {
    const where = frame.error.field === undefined ? "" : ` at ${frame.error.field}`;
    return malformed(context, held, `log frame${where}: ${frame.error.message}`);
  }
  if (held.cursor === undefined || held.machine.state.kind === "connecting") {
    return hole(context, held, "a log frame came before hello");
  }
  const before = held.cursor;
  const input = foldFrame(context, held, frame.value);
  context.measures.note(MEASURE_NAMES.fold, startMs, { chars: data.length });
  if (held.cursor === before) return input;
  live.hasFolded = true;
  // Told only when it changes anything: frames come by the thousand.
  return input ?? (held.machine.silenceFactor > 1 ? { kind: "progress" } : undefined);
}

/**
 * Folds a log frame, of a stream or of a page, into what is held, and tells followers.
 * Answers what it means for the connection. Without a cursor there is nothing to fold onto: everything is missing.
 */
export function foldFrame(context: CoreContext, held: HeldSession, frame: LogFrame): StreamInput | undefined {
  if (held.cursor === undefined) return hole(context, held, "a log frame came before its epoch was named");
  const applied = applyFrame(held.conversation, held.cursor, frame);
  if (applied.kind === "dropped") return undefined;
  if (applied.kind === "hole") {
    follow(context, held, held.cursor, frame, applied.effects);
    return hole(context, held, applied.why);
  }
  held.news.note(held.cursor, frame);
  held.cursor = applied.cursor;
  held.tail = Math.max(held.tail, applied.cursor.seq);
  follow(context, held, applied.cursor, frame, applied.effects);
  return undefined;
}

/** Registry, disk, list and listeners follow what was folded. */
function follow(
  context: CoreContext,
  held: HeldSession,
  cursor: Cursor,
  frame: LogFrame,
  effects: FrameEffects,
): void {
  const nowMs = context.ports.clock.now();
  const sid = held.id;
  noteTimeline(held, nowMs, "frame", effects.chars);
  if (effects.hasChanged) {
    settleEarlier(held);
    syncInflight(context.INFLIGHT, sid, held.conversation, cursor, nowMs);
  } else {
    const inflight = context.INFLIGHT.get(sid);
    if (inflight !== undefined) inflight.seq = cursor.seq;
  }
  const before = held.summary;
  if (before !== undefined) held.summary = followSummary(before, held.conversation, frame.events);

  context.saves.touch(sid);
  // Settling: the turn gets a record of its own in one save, under one cursor (S3).
  // Of a catch-up the end is awaited: it may settle a thousand turns.
  if (effects.ended.length > 0 && held.machine.state.kind === "live") void context.saves.saveNow(sid);
  if (effects.hasChanged) context.emit({ kind: "conversation", session: sid });
  for (const part of effects.grown) {
    context.emit({ kind: "grown", session: sid, turn: part.turn, part: part.part });
  }
  if (held.summary !== before) context.emit({ kind: "summary", session: sid });
  if (!held.hasBeenLive) return;
  for (const turn of effects.ended) context.emit({ kind: "ended", session: sid, turn });
}

/** Something before what arrived is missing: told to developers, answered by reading again. */
export function hole(context: CoreContext, held: HeldSession, why: string): StreamInput {
  noteTimeline(held, context.ports.clock.now(), "hole");
  context.ports.reporter.warn(`session ${held.id}: ${why}`);
  return { kind: "hole" };
}

/** What can't be read is missing: asked for again once, then the snapshot tells what it came to. */
function malformed(context: CoreContext, held: HeldSession, why: string): StreamInput {
  context.emit({
    kind: "notice",
    session: held.id,
    message: "The server sent something this page can't read. Reading the conversation again.",
  });
  return hole(context, held, why);
}

function updateNeeded(context: CoreContext, held: HeldSession): StreamInput {
  context.emit({
    kind: "notice",
    session: held.id,
    message: "The server speaks a newer version of the protocol. Reload to update this page.",
  });
  return { kind: "update-needed" };
}

/** The version a `hello` names, even when a later major changed all the rest of it. */
function protocolNamed(data: string): string | undefined {
  try {
    const hello: unknown = JSON.parse(data);
    if (typeof hello !== "object" || hello === null || !("protocol" in hello)) return undefined;
    return typeof hello.protocol === "string" ? hello.protocol : undefined;
  } catch {
    // Not JSON: malformed, which is not another version.
    return undefined;
  }
}

function isOtherMajor(protocol: string | undefined): boolean {
  return protocol !== undefined && !isCompatibleProtocol(protocol);
}
