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

/** The top-level blocks of a text. What is inside a block is read only where it is asked for. */
export interface LexedText {
  readonly blocks: readonly Token[];
  /** The link definitions as text: where it changes, any block with a bracket may read otherwise. */
  readonly definitions: string;
  /** Reads the inside of the blocks from `first` on, in place. */
  readInlines(first: number): void;
}

/** May throw where nesting exhausts the stack. */
export function lexBlocks(text: string): LexedText {
  const lexer = new Lexer({ gfm: true, tokenizer: new AnswerTokenizer() });
  lexer.blockTokens(text.replaceAll(/\r\n|\r/g, "\n"), lexer.tokens);
  const blocks = lexer.tokens;
  return {
    blocks,
    definitions: JSON.stringify(blocks.links),
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
