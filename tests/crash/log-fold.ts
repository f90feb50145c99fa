/** An event as it is on the wire. */
export interface WireEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A stretch of the log as it is on the wire. */
export interface WireFrame {
  readonly from: number;
  readonly seq: number;
  readonly events: readonly WireEvent[];
}

export interface FoldedTurn {
  readonly text: string;
  editedTo: string | undefined;
  status: "queued" | "running" | "ended" | "withdrawn";
  outcome: string | undefined;
  /** By `type part`. */
  readonly buffers: Map<string, string>;
  readonly openTools: Set<string>;
  readonly openApprovals: Set<string>;
}

/** An event that is no delta, and the frame it came in: its number lies between the two. */
interface Mark {
  readonly key: string;
  readonly from: number;
  readonly seq: number;
}

/**
 * A log as a reader of it knows it, folded here without a line of the product's own fold: what is wrong with it is said in
 * `violations`. Merging deltas and rewriting rows changes none of what is kept here.
 */
export class LogFold {
  tail = 0;
  readonly turns = new Map<string, FoldedTurn>();
  readonly violations: string[] = [];
  title: string | undefined;
  readonly marks: Mark[] = [];
  readonly #known = new Set<string>();
  /** Of frames that hold an event per number: which. */
  readonly exact = new Map<number, string>();

  /** The next frame of a reading. `mayOverlap`: the first one after a cursor may begin before it. [P3.18] */
  add(frame: WireFrame, mayOverlap = false): void {
    const overlaps = frame.from <= this.tail;
    if (frame.from > this.tail + 1 || (overlaps && !mayOverlap) || frame.seq < frame.from) {
      this.#wrong(`a frame ${frame.from}..${frame.seq} after ${this.tail}`);
    }
    if (frame.seq <= this.tail) return;
    const isExact = frame.events.length === frame.seq - frame.from + 1;
    for (const [index, event] of frame.events.entries()) {
      const key = JSON.stringify(event);
      if (isExact) this.exact.set(frame.from + index, key);
      if (event.type.endsWith("-delta")) this.#grow(event, overlaps);
      else if (!this.#known.has(key)) {
        this.#known.add(key);
        this.marks.push({ key, from: frame.from, seq: frame.seq });
        this.#apply(event);
      } else if (!overlaps) this.#wrong(`an event twice: ${key.slice(0, 200)}`);
    }
    this.tail = frame.seq;
  }

  /** What of this fold, made of an earlier reading or of the disk, `later` lacks or tells differently. */
  missingFrom(later: LogFold): string[] {
    const wrong: string[] = [];
    if (later.tail < this.tail) wrong.push(`the log ends at ${later.tail}, before ${this.tail}`);
    for (const [index, mark] of this.marks.entries()) {
      const other = later.marks[index];
      if (other?.key !== mark.key) {
        wrong.push(
          `in the place of ${mark.key.slice(0, 160)} there is ${other?.key.slice(0, 160) ?? "nothing"}`,
        );
        break;
      }
      if (other.from > mark.seq || other.seq < mark.from) {
        wrong.push(
          `${mark.key.slice(0, 160)} moved from ${mark.from}..${mark.seq} to ${other.from}..${other.seq}`,
        );
        break;
      }
    }
    for (const [id, turn] of this.turns) {
      for (const [part, text] of turn.buffers) {
        const other = later.turns.get(id)?.buffers.get(part) ?? "";
        if (!other.startsWith(text))
          wrong.push(`${part} of turn ${id} was ${quote(text)} and is ${quote(other)}`);
      }
    }
    for (const [seq, key] of this.exact) {
      const other = later.exact.get(seq);
      if (other !== undefined && other !== key)
        wrong.push(`number ${seq} was ${key.slice(0, 160)} and is ${other.slice(0, 160)}`);
    }
    return wrong;
  }

  #grow(event: WireEvent, overlaps: boolean): void {
    const turn = this.turns.get(String(event["turn"]));
    const [offset, delta] = [Number(event["offset"]), String(event["delta"])];
    const key = `${event.type} ${String(event["part"])}`;
    if (turn === undefined) return this.#wrong(`${event.type} of a turn that was never queued`);
    const known = turn.buffers.get(key) ?? "";
    const grown = known.slice(0, offset) + delta;
    if (overlaps && offset <= known.length) {
      if (!grown.startsWith(known) && !known.startsWith(grown)) this.#wrong(`${key} tells another text`);
      if (grown.length > known.length) turn.buffers.set(key, grown);
      return;
    }
    if (turn.status !== "running") this.#wrong(`${event.type} of a turn that is ${turn.status}`);
    if (offset !== known.length) this.#wrong(`${key} is ${known.length} long and goes on at ${offset}`);
    turn.buffers.set(key, known + delta);
  }

  #apply(event: WireEvent): void {
    if (event.type === "session-updated") {
      if (typeof event["title"] === "string") this.title = event["title"];
      return;
    }
    const id = String(event["turn"]);
    const turn = this.turns.get(id);
    if (event.type === "turn-queued") {
      if (turn !== undefined) this.#wrong(`turn ${id} was queued twice`);
      this.turns.set(id, {
        text: String(event["text"]),
        editedTo: undefined,
        status: "queued",
        outcome: undefined,
        buffers: new Map(),
        openTools: new Set(),
        openApprovals: new Set(),
      });
      return;
    }
    if (turn === undefined) return this.#wrong(`${event.type} of a turn that was never queued`);
    if (turn.status === "ended" || turn.status === "withdrawn")
      this.#wrong(`${event.type} after turn ${id} was ${turn.status}`);
    const isForQueued = ["turn-edited", "turn-withdrawn", "turn-started"].includes(event.type);
    if (isForQueued && turn.status !== "queued")
      this.#wrong(`${event.type} of a turn that is ${turn.status}`);
    switch (event.type) {
      case "turn-edited":
        turn.editedTo = String(event["text"]);
        break;
      case "turn-withdrawn":
        turn.status = "withdrawn";
        break;
      case "turn-started":
        turn.status = "running";
        break;
      case "tool-started":
        turn.openTools.add(String(event["part"]));
        break;
      case "tool-ended":
        if (!turn.openTools.delete(String(event["part"]))) this.#wrong(`a tool of ${id} ended twice`);
        break;
      case "approval-requested":
        turn.openApprovals.add(String(event["approval"]));
        break;
      case "approval-resolved":
        if (!turn.openApprovals.delete(String(event["approval"])))
          this.#wrong(`a question of ${id} resolved twice`);
        break;
      case "turn-ended":
        if (turn.openTools.size > 0) this.#wrong(`turn ${id} ended with a tool that runs`);
        if (turn.openApprovals.size > 0) this.#wrong(`turn ${id} ended with an open question`);
        turn.status = "ended";
        turn.outcome = String(event["outcome"]);
        break;
    }
  }

  #wrong(what: string): void {
    this.violations.push(what);
  }
}

/** The text of an answer: its text parts, in the order in which they began. */
export function answerText(turn: FoldedTurn): string {
  let text = "";
  for (const [key, buffer] of turn.buffers) if (key.startsWith("text-delta ")) text += buffer;
  return text;
}

function quote(text: string): string {
  return text.length > 80
    ? `${JSON.stringify(text.slice(0, 30))}…${JSON.stringify(text.slice(-40))} (${text.length})`
    : JSON.stringify(text);
}
