import { request, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseSseBlock, type SseBlock } from "../support/sse-reader.ts";
import { field, type ApiClient } from "./api-client.ts";
import { LogFold, type WireFrame } from "./log-fold.ts";
import type { SeededRandom } from "./seeded-random.ts";

export type ReaderKind = "stream" | "slow" | "reconnecting" | "pages";
export const READER_KINDS: readonly ReaderKind[] = ["stream", "slow", "reconnecting", "pages"];

/** What one client has read of one log, over all its connections and all lives of the server: a cursor and its fold. */
export interface Reading {
  readonly session: string;
  epoch: string | undefined;
  fold: LogFold;
  /** The furthest end of the log that it was told of. */
  toldTail: number;
  events: number;
  /**
   * What was read before a `resync trimmed` (P3.18): of the same log, so that the disk must hold all of it still. Only one:
   * what is read anew is longer than what was before, or the check of the disk says so.
   */
  before: Pick<Reading, "epoch" | "fold" | "toldTail"> | undefined;
}

/** How a connection to a stream ended. */
type StreamEnd = "cut" | "left" | "deleted" | "draining" | "resync" | "not-found";

/** A reader of one session. Goes on from its cursor in each life; anything that the protocol does not allow is a violation. */
export class Reader {
  readonly reading: Reading;
  readonly kind: ReaderKind;
  readonly #random: SeededRandom;
  /** Of the life that is being read: a reader outlives many. */
  #violations: string[] = [];
  readonly #count: (what: string) => void;
  /** Reasons of `resync` that may come: `trimmed` anywhere, and what the row expects: a restored backup has new epochs. */
  readonly allowedResyncs = new Set<string>(["trimmed"]);
  readonly resyncs: string[] = [];
  /** The `bye` that each life said, if any. */
  readonly byes: string[] = [];
  readonly notices: string[] = [];
  pings = 0;
  isGone = false;

  constructor(parts: {
    readonly session: string;
    readonly kind: ReaderKind;
    readonly random: SeededRandom;
    readonly count: (what: string) => void;
  }) {
    this.reading = {
      session: parts.session,
      epoch: undefined,
      fold: new LogFold(),
      toldTail: 0,
      events: 0,
      before: undefined,
    };
    this.kind = parts.kind;
    this.#random = parts.random;
    this.#count = parts.count;
  }

  /** Reads until the server does not answer any more, the session is gone, or `isOver`. What is wrong is told to `violations`. */
  async read(api: ApiClient, isOver: () => boolean, violations: string[]): Promise<void> {
    this.#violations = violations;
    while (!isOver() && !this.isGone) {
      const goesOn = this.kind === "pages" ? await this.#page(api) : await this.#stream(api, isOver);
      if (!goesOn) return;
      await sleep(this.#random.int(1, 20));
    }
  }

  #cursor(): string {
    const { epoch, fold } = this.reading;
    return epoch === undefined ? "" : `after=${epoch}.${fold.tail}`;
  }

  async #page(api: ApiClient): Promise<boolean> {
    const path = `/sessions/${this.reading.session}/events?limit=${this.#random.int(1, 60)}&${this.#cursor()}`;
    const answer = await api.get(path);
    if (answer === "lost") return false;
    if (answer.status === 410 || answer.status === 404) {
      this.isGone = answer.status === 410;
      return answer.status === 410;
    }
    if (answer.status === 503) return false;
    if (answer.status === 409 && this.allowedResyncs.has("epoch")) return this.#resync("epoch");
    if (answer.status !== 200) {
      this.#wrong(`a page was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      return false;
    }
    const [epoch = ""] = String(field(answer.body, "cursor")).split(".");
    this.#isEpoch(epoch);
    let isFirst = true;
    for (const frame of field(answer.body, "frames") as WireFrame[]) {
      this.#take(frame, isFirst);
      isFirst = false;
    }
    return true;
  }

  async #stream(api: ApiClient, isOver: () => boolean): Promise<boolean> {
    const path = `api/sessions/${this.reading.session}/stream?${this.#cursor()}`;
    const response = await open(new URL(path, api.url));
    if (response === undefined) return false;
    if (response.statusCode !== 200) {
      this.#wrong(`a stream was answered ${response.statusCode}`);
      response.destroy();
      return false;
    }
    const end = await this.#consume(response, isOver);
    response.destroy();
    if (end === "deleted") this.isGone = true;
    return end === "left" || end === "resync" || end === "deleted";
  }

  async #consume(response: IncomingMessage, isOver: () => boolean): Promise<StreamEnd> {
    let left = this.kind === "reconnecting" ? this.#random.int(1, 12) : Infinity;
    let rest = "";
    let isFirst = true;
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response) {
        const pieces = (rest + decoder.decode(chunk as Buffer, { stream: true })).split("\n\n");
        rest = pieces.pop() ?? "";
        for (const piece of pieces) {
          const block = parseSseBlock(piece);
          const end = block.id === undefined ? this.#control(block) : undefined;
          if (end !== undefined) return end;
          if (block.id === undefined) continue;
          const frame = JSON.parse(block.data ?? "") as WireFrame;
          const [epoch = "", seq] = block.id.split(".");
          this.#isEpoch(epoch);
          if (Number(seq) !== frame.seq) this.#wrong(`a frame ${frame.seq} under the id ${block.id}`);
          this.#take(frame, isFirst);
          isFirst = false;
          left -= 1;
        }
        if (left <= 0) return "left";
        if (this.kind === "slow" && !isOver()) await sleep(this.#random.int(10, 60));
      }
    } catch (error) {
      // A cut connection; anything else is the harness's own mistake or a malformed stream.
      if (!(error instanceof Error && "code" in error)) this.#wrong(`malformed: ${String(error)}`);
    }
    return "cut";
  }

  #control(block: SseBlock): StreamEnd | undefined {
    const data = block.data === undefined ? undefined : (JSON.parse(block.data) as unknown);
    switch (block.event ?? "") {
      case "hello": {
        const { epoch } = this.reading;
        const [told, tail] = [String(field(data, "epoch")), Number(field(data, "tail"))];
        if (epoch === undefined || told === epoch) this.#told(tail);
        if (epoch !== undefined && told === epoch && tail < this.reading.fold.tail)
          this.#wrong(`hello says the log ends at ${tail}; ${this.reading.fold.tail} has been read`);
        return undefined;
      }
      case "resync":
        return this.#resync(String(field(data, "reason"))) ? "resync" : "cut";
      case "bye": {
        const reason = String(field(data, "reason"));
        this.byes.push(reason);
        return reason === "deleted" || reason === "draining" || reason === "not-found" ? reason : "cut";
      }
      case "notice":
        this.notices.push(String(field(data, "code")));
        return undefined;
      case "ping":
        this.pings += 1;
        this.#told(Number(field(data, "tail")));
        return undefined;
      default:
        // `caught-up`, and `retry:` without a name.
        return undefined;
    }
  }

  /** The log can't be gone on with: everything is read anew, as the protocol has it. */
  #resync(reason: string): boolean {
    const { epoch, fold, toldTail, before } = this.reading;
    this.resyncs.push(reason);
    this.#count(`readers told to resync, ${reason}`);
    if (!this.allowedResyncs.has(reason)) {
      this.#wrong(`resync ${reason} at ${this.#cursor()}`);
      return false;
    }
    if (reason === "trimmed" && epoch === undefined) {
      this.#wrong("resync trimmed at the beginning: the log can't be read at all");
      return false;
    }
    // Told twice before it had caught up with itself: the longer one is what the log must still have.
    const isLonger = before === undefined || before.epoch !== epoch || before.fold.tail <= fold.tail;
    if (reason !== "trimmed") this.reading.before = undefined;
    else if (isLonger) this.reading.before = { epoch, fold, toldTail };
    this.reading.fold = new LogFold();
    this.reading.epoch = undefined;
    this.reading.toldTail = 0;
    return true;
  }

  #told(tail: number): void {
    this.reading.toldTail = Math.max(this.reading.toldTail, tail);
  }

  #isEpoch(epoch: string): void {
    this.reading.epoch ??= epoch;
    if (this.reading.epoch !== epoch)
      this.#wrong(`epoch ${epoch} goes on from a cursor of ${this.reading.epoch}`);
  }

  #take(frame: WireFrame, mayOverlap: boolean): void {
    const { fold, before: trimmed } = this.reading;
    const before = fold.tail;
    if (trimmed?.epoch === this.reading.epoch && frame.from === (trimmed?.fold.tail ?? 0) + 1)
      this.#wrong(`resync trimmed at ${frame.from - 1}, though the log goes on right after it`);
    fold.add(frame, mayOverlap && before > 0);
    this.reading.events += Math.max(0, fold.tail - before);
    for (const what of fold.violations.splice(0)) this.#wrong(what);
  }

  #wrong(what: string): void {
    this.#violations.push(`a reader (${this.kind}) of session ${this.reading.session}: ${what}`);
  }
}

/** Undefined when nobody answers. No agent: a stream's connection is its own. */
function open(url: URL): Promise<IncomingMessage | undefined> {
  return new Promise((resolve) => {
    const call = request(url, { agent: false }, (response) => {
      response.on("error", () => undefined);
      resolve(response);
    });
    call.on("error", () => resolve(undefined));
    call.end();
  });
}
