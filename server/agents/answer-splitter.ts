/** A stretch of an answer: what is said, or what is thought. */
export interface AnswerPiece {
  readonly kind: "text" | "reasoning";
  /** `text-1`, `reasoning-1`, `text-2` …: a new one whenever the kind switches. */
  readonly part: string;
  readonly delta: string;
}

const OPEN = "<think>";
const CLOSE = "</think>";

/**
 * Takes an answer apart into text and reasoning, however it was cut into deltas.
 * Reasoning comes apart already (`reasoning_content`), or as `<think>…</think>` within the text.
 *
 *              <think>                      any reasoning delta
 *   text ───────────────▶ tagged        text ───────────────▶ reasoning
 *        ◀───────────────                    ◀───────────────
 *             </think>                        any text delta
 *
 * Promises: but for the tags and the blank lines around reasoning nothing is dropped or changed;
 * a tag in code (after a back-tick, in a fence) is text; what looks like a tag and isn't comes out as it was.
 */
export class AnswerSplitter {
  readonly #counts = { text: 0, reasoning: 0 };
  #current: AnswerPiece["kind"] | undefined;
  /** White space at the beginning of a part that may turn out to be nothing but the padding of a tag. */
  #held = "";
  #heldKind: AnswerPiece["kind"] = "text";
  #isTagged = false;
  /** Text that follows reasoning, even an empty one, begins after blank lines that are not its own. */
  #hasReasoned = false;
  /** The beginning of what may become a tag with the next delta. */
  #pending = "";
  #code: CodeState = { isFenced: false, isInline: false, lineStart: "" };

  /** A delta of `content`. */
  text(delta: string): readonly AnswerPiece[] {
    const pieces: AnswerPiece[] = [];
    let rest = this.#pending + delta;
    this.#pending = "";
    while (rest !== "") {
      const at = this.#isTagged ? rest.indexOf(CLOSE) : this.#findOpen(rest);
      if (at === -1) {
        const keep = tagPrefixAtEnd(rest, this.#isTagged ? CLOSE : OPEN);
        this.#pending = rest.slice(rest.length - keep);
        this.#take(pieces, rest.slice(0, rest.length - keep));
        break;
      }
      this.#take(pieces, rest.slice(0, at));
      rest = rest.slice(at + (this.#isTagged ? CLOSE : OPEN).length);
      this.#isTagged = !this.#isTagged;
    }
    return pieces;
  }

  /** A delta of `reasoning_content` or `reasoning`. */
  reasoning(delta: string): readonly AnswerPiece[] {
    const pieces = this.#flushPending();
    this.#emit(pieces, "reasoning", delta);
    return pieces;
  }

  /** The answer is over: what was held back for a tag that never came. */
  end(): readonly AnswerPiece[] {
    const pieces = this.#flushPending();
    const isAllThereIs = this.#current === undefined && !this.#hasReasoned;
    if (isAllThereIs && this.#held !== "") pieces.push(this.#piece("text", this.#held));
    this.#held = "";
    return pieces;
  }

  #flushPending(): AnswerPiece[] {
    const pieces: AnswerPiece[] = [];
    this.#take(pieces, this.#pending);
    this.#pending = "";
    return pieces;
  }

  #take(pieces: AnswerPiece[], delta: string): void {
    if (!this.#isTagged) this.#code = readCode(this.#code, delta);
    this.#emit(pieces, this.#isTagged ? "reasoning" : "text", delta);
  }

  #emit(pieces: AnswerPiece[], kind: AnswerPiece["kind"], delta: string): void {
    if (kind === "reasoning") this.#hasReasoned = true;
    if (delta === "") return;
    if (kind !== this.#heldKind) this.#held = "";
    this.#heldKind = kind;
    if (kind === this.#current) {
      pieces.push(this.#piece(kind, delta));
      return;
    }
    // Servers send blank lines around reasoning; a part of nothing but these would be an empty card.
    this.#held += delta;
    if (this.#held.trim() === "") return;
    const opening = !this.#hasReasoned ? this.#held : this.#held.replace(/^\s*[\r\n]/, "");
    this.#held = "";
    this.#current = kind;
    this.#counts[kind] += 1;
    pieces.push(this.#piece(kind, opening));
  }

  #piece(kind: AnswerPiece["kind"], delta: string): AnswerPiece {
    return { kind, part: `${kind}-${Math.max(1, this.#counts[kind])}`, delta };
  }

  #findOpen(text: string): number {
    let at = text.indexOf(OPEN);
    while (at !== -1) {
      const code = readCode(this.#code, text.slice(0, at));
      if (!code.isFenced && !code.isInline) return at;
      at = text.indexOf(OPEN, at + 1);
    }
    return -1;
  }
}

/** Where in Markdown the text stands, as far as it matters for a literal `<think>`. */
interface CodeState {
  readonly isFenced: boolean;
  readonly isInline: boolean;
  /** The line so far, while it may still become a fence; empty once it can't. */
  readonly lineStart: string | undefined;
}

function readCode(state: CodeState, text: string): CodeState {
  let { isFenced, isInline, lineStart } = state;
  for (const char of text) {
    if (char === "\n") {
      isInline = false;
      lineStart = "";
      continue;
    }
    if (lineStart !== undefined) {
      lineStart += char;
      const trimmed = lineStart.trimStart();
      if (trimmed === "```" || trimmed === "~~~") {
        isFenced = !isFenced;
        isInline = false;
        lineStart = undefined;
        continue;
      }
      if (!"```".startsWith(trimmed) && !"~~~".startsWith(trimmed)) {
        const ticks = trimmed.split("`").length - 1;
        isInline = ticks % 2 === 1;
        lineStart = undefined;
      } else if (trimmed.startsWith("`")) {
        isInline = trimmed.length % 2 === 1;
      }
      continue;
    }
    if (char === "`" && !isFenced) isInline = !isInline;
  }
  return { isFenced, isInline, lineStart };
}

/** How many characters at the end of `text` may be the beginning of `tag`. */
function tagPrefixAtEnd(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}
