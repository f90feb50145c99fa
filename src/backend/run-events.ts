import { LogEventSchema, type DeltaEvent, type LogEvent } from "../protocol/events.ts";
import { PartIdSchema, type PartId, type TurnId } from "../protocol/ids.ts";
import { parse } from "../protocol/parse.ts";
import { ok, type Result } from "../protocol/result.ts";
import type { AgentEvent } from "./ports.ts";

/** Longest delta of one event. Unit: UTF-16 code units; at six bytes each it still fits a frame. */
const MAX_DELTA_CHARS = 2_600;

interface PartProgress {
  readonly id: PartId;
  readonly type: DeltaEvent["type"];
  offset: number;
  isOpen: boolean;
}

/** What an agent says that the log itself has an event for. */
type LoggedAgentEvent = Exclude<AgentEvent, { type: "started" | "usage" | "error" }>;

/**
 * Turns what an agent says into events of ONE turn, captured when it was made: never "the current one".
 * Keeps the offset of every buffer. What does not fit the protocol is refused here: nothing malformed may reach the log,
 * and nothing that a reader would take for a hole.
 */
export class RunEvents {
  readonly #turn: TurnId;
  readonly #parts = new Map<string, PartProgress>();
  #planAt = 0;

  constructor(turn: TurnId) {
    this.#turn = turn;
  }

  /** The events to log, or why there are none. An empty delta is no event. */
  translate(event: LoggedAgentEvent, at: number): Result<LogEvent[], string> {
    switch (event.type) {
      case "text":
        return ok(this.#deltas("text-delta", event, at));
      case "reasoning":
        return ok(this.#deltas("reasoning-delta", event, at));
      case "tool-output": {
        if (this.#find("tool-delta", event.part)?.isOpen !== true)
          return refused(`output of a tool that isn't running`);
        return ok(this.#deltas("tool-delta", event, at));
      }
      case "tool-started": {
        if (this.#find("tool-delta", event.part) !== undefined)
          return refused("a tool call that has begun already");
        const { part, name, title, kind, input } = event;
        return this.#checked({
          type: "tool-started",
          at,
          turn: this.#turn,
          part: this.#progress("tool-delta", part).id,
          name,
          title,
          kind,
          input,
        });
      }
      case "tool-ended": {
        const tool = this.#find("tool-delta", event.part);
        if (tool?.isOpen !== true) return refused("the end of a tool that isn't running");
        tool.isOpen = false;
        const { status, output } = event;
        return this.#checked({ type: "tool-ended", at, turn: this.#turn, part: tool.id, status, output });
      }
      case "plan":
        // Versions of a plan are told apart by their time: two in one millisecond must not look like one replayed.
        this.#planAt = Math.max(at, this.#planAt + 1);
        return this.#checked({
          type: "plan-updated",
          at: this.#planAt,
          turn: this.#turn,
          entries: event.entries,
        });
    }
  }

  /** The part that an approval belongs to, if the agent has named one that exists. */
  toolPart(name: string | undefined): PartId | undefined {
    return name === undefined ? undefined : this.#find("tool-delta", name)?.id;
  }

  #deltas(
    type: DeltaEvent["type"],
    event: { readonly part: string; readonly delta: string },
    at: number,
  ): LogEvent[] {
    const events: LogEvent[] = [];
    if (event.delta === "") return events;
    const part = this.#progress(type, event.part);
    for (const delta of slices(event.delta)) {
      events.push({ type, at, turn: this.#turn, part: part.id, offset: part.offset, delta });
      part.offset += delta.length;
    }
    return events;
  }

  #find(type: DeltaEvent["type"], name: string): PartProgress | undefined {
    return this.#parts.get(`${type} ${name}`);
  }

  #progress(type: DeltaEvent["type"], name: string): PartProgress {
    const key = `${type} ${name}`;
    let part = this.#parts.get(key);
    if (part === undefined) {
      part = { id: this.#freeId(name, type), type, offset: 0, isOpen: true };
      this.#parts.set(key, part);
    }
    return part;
  }

  /** An agent's name for a part, made fit for the wire. Two kinds under one name are two parts. */
  #freeId(name: string, type: string): PartId {
    const taken = new Set([...this.#parts.values()].map((part) => part.id as string));
    const base = name.replaceAll(/[^\u0021-\u007E]/g, "_").slice(0, 100) || "part";
    const candidates = [base, `${base}:${type}`];
    let wanted = candidates.find((candidate) => !taken.has(candidate)) ?? base;
    for (let count = 2; taken.has(wanted); count += 1) wanted = `${base}:${count}`;
    const id = parse(PartIdSchema, wanted);
    if (!id.ok) throw new Error(`"${wanted}" should be a part's id: ${id.error.message}`);
    return id.value;
  }

  #checked(event: unknown): Result<LogEvent[], string> {
    let plain: unknown;
    try {
      // What JSON can't carry must not reach a commit: it would take every other session's events with it.
      plain = JSON.parse(JSON.stringify(event));
    } catch (cause) {
      return refused(cause instanceof Error ? cause.message : "a value that JSON can't carry");
    }
    const parsed = parse(LogEventSchema, plain);
    return parsed.ok
      ? ok([parsed.value])
      : refused(`${parsed.error.field ?? "event"} ${parsed.error.message}`);
  }
}

function refused(error: string): Result<never, string> {
  return { ok: false, error };
}

function slices(delta: string): string[] {
  if (delta.length <= MAX_DELTA_CHARS) return [delta];
  const pieces: string[] = [];
  for (let start = 0; start < delta.length;) {
    let end = Math.min(delta.length, start + MAX_DELTA_CHARS);
    // A surrogate pair stays whole where it can.
    const isSplitPair = end < delta.length && (delta.charCodeAt(end - 1) & 0xfc00) === 0xd800;
    if (isSplitPair) end -= 1;
    pieces.push(delta.slice(start, end));
    start = end;
  }
  return pieces;
}
