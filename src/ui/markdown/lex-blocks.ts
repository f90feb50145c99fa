import { Lexer, Tokenizer, type MarkedToken, type Token, type Tokens } from "marked";

/** Deeper than this a quote or a list is text: each level is read again by the one around it. */
const MAX_NESTING = 50;

class AnswerTokenizer extends Tokenizer {
  #nesting = 0;

  /** A footnote's text is no link definition: it would be taken out of the page. */
  override def(source: string): Tokens.Def | undefined {
    return /^ {0,3}\[\^/.test(source) ? undefined : super.def(source);
  }

  override blockquote(source: string): Tokens.Blockquote | undefined {
    return this.#nested(() => super.blockquote(source));
  }

  override list(source: string): Tokens.List | undefined {
    return this.#nested(() => super.list(source));
  }

  #nested<Read>(read: () => Read | undefined): Read | undefined {
    if (this.#nesting >= MAX_NESTING) return undefined;
    this.#nesting += 1;
    try {
      return read();
    } finally {
      this.#nesting -= 1;
    }
  }
}

/** A place in a text that no later text changes what is before: reading may begin there. */
export interface Boundary {
  readonly offset: number;
  /** How many blocks are before it. */
  readonly blocks: number;
}

/** The top-level blocks from a boundary on. What is inside a block is read only where it is asked for. */
export interface LexedText {
  readonly blocks: readonly Token[];
  /** The link definitions of the whole text: where they change, any block with a bracket may read otherwise. */
  readonly definitions: string;
  /** The latest boundary, for the next reading of the same text grown. */
  readonly boundary: Boundary;
  /** Reads the inside of the blocks from `first` on, in place. */
  readonly readInlines: (first: number) => void;
}

export const START: Boundary = { offset: 0, blocks: 0 };

/** Reads `text`, whose line ends are LF, from `from` on. May throw where nesting exhausts the stack. */
export function lexBlocks(text: string, from: Boundary): LexedText {
  const lexer = new Lexer({ gfm: true, tokenizer: new AnswerTokenizer() });
  lexer.blockTokens(text.slice(from.offset), lexer.tokens);
  const blocks = lexer.tokens;
  return {
    blocks,
    definitions: JSON.stringify(blocks.links),
    boundary: latestBoundary(blocks, from),
    readInlines(first) {
      const wanted = new Set<readonly Token[]>();
      collectInlines(blocks.slice(first), wanted);
      for (const { src, tokens } of lexer.inlineQueue) {
        if (!wanted.has(tokens)) continue;
        // An `<a>` or `<pre>` left open must not reach into the next block: each is read by itself.
        lexer.state.inLink = false;
        lexer.state.inRawBlock = false;
        lexer.inlineTokens(src, tokens);
      }
      lexer.inlineQueue = [];
    },
  };
}

/** What a blank line ends for good; a list or indented code may go on after it. */
const ENDED_BY_BLANK: ReadonlySet<string> = new Set(["paragraph", "heading", "hr", "table", "blockquote"]);

/**
 * After a block that has ended, a blank line, and before a block that has begun; never beyond what may hold
 * a link definition, so that every reading knows all of them.
 */
function latestBoundary(blocks: readonly Token[], from: Boundary): Boundary {
  let offset = from.offset;
  let found = from;
  for (const [at, block] of blocks.entries()) {
    const isAfterBlank = blocks[at - 1]?.type === "space";
    const ended = blocks[at - 2];
    const isClosedCode = ended?.type === "code" && ended.codeBlockStyle !== "indented";
    if (isAfterBlank && ended !== undefined && (ENDED_BY_BLANK.has(ended.type) || isClosedCode)) {
      found = { offset, blocks: from.blocks + at };
    }
    if (block.raw.includes("]:")) break;
    offset += block.raw.length;
  }
  return found;
}

/** The lexer fills lists of tokens that it made before; they are found by walking all that may hold one. */
function collectInlines(tokens: readonly Token[], found: Set<readonly Token[]>): void {
  for (const token of tokens) {
    // No extension is registered, so every token is one of marked's own.
    const known = token as MarkedToken;
    if (known.type === "list") collectInlines(known.items, found);
    else if (known.type === "table") {
      for (const cell of [known.header, ...known.rows].flat()) found.add(cell.tokens);
    } else if ("tokens" in known && known.tokens !== undefined) {
      found.add(known.tokens);
      collectInlines(known.tokens, found);
    }
  }
}
