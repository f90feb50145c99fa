import { skip } from "./skip.ts";

const RUN = /`+/y;

/** The runs of backticks in a text, looked for once: no opener searches for its closer on its own. [CommonMark 6.1] */
export class BacktickRuns {
  readonly #text: string;
  readonly #from: number;
  /** Length → where the last of that length begins. */
  readonly #last = new Map<number, number>();

  /** Those from `from` on. */
  constructor(text: string, from: number) {
    this.#text = text;
    this.#from = from;
    for (let at = text.indexOf("`", from); at >= 0;) {
      const { length } = backticksAt(text, at);
      this.#last.set(length, at);
      at = text.indexOf("`", at + length);
    }
  }

  /** Whether it is of that text and knows all that is from `offset` on. */
  knows(text: string, offset: number): boolean {
    return this.#text === text && this.#from <= offset;
  }

  /** Whether a run of that length begins after `offset`. */
  has(length: number, offset: number): boolean {
    return (this.#last.get(length) ?? -1) > offset;
  }

  /** Where the next run of that length begins, which there is. */
  find(length: number, offset: number): number {
    for (let at = this.#text.indexOf("`", offset); ;) {
      const found = backticksAt(this.#text, at).length;
      if (found === length) return at;
      at = this.#text.indexOf("`", at + found);
    }
  }
}

/** The run that begins at `offset`. */
export function backticksAt(text: string, offset: number): string {
  return text.slice(offset, skip(RUN, text, offset));
}

/** What a code span with that between its backticks holds. [CommonMark 6.1] */
export function codeText(source: string): string {
  const code = source.replaceAll("\n", " ");
  return code.startsWith(" ") && code.endsWith(" ") && /[^ ]/.test(code) ? code.slice(1, -1) : code;
}
