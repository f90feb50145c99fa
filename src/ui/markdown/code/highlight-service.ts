import type { HighlightAnswer, HighlightRequest } from "./highlight-messages.ts";
import { createTokenizer, FIRST_LINE, type LineState, type Tokenizer } from "./tokenizer.ts";

/** The worker's side: grammars, and of each block where its next line begins. */
export interface HighlightService {
  handle(request: HighlightRequest): Promise<void>;
}

export function createHighlightService(answer: (message: HighlightAnswer) => void): HighlightService {
  const states = new Map<number, LineState>();
  let starting: Promise<Tokenizer> | undefined;
  let tokenizer: Tokenizer | undefined;

  async function load(language: string): Promise<void> {
    try {
      starting ??= createTokenizer();
      tokenizer = await starting;
      const isKnown = await tokenizer.load(language);
      answer({ kind: "loaded", language, outcome: isKnown ? "ready" : "unknown" });
    } catch {
      // The grammar is a file of its own: offline, or taken away by a newer build.
      answer({ kind: "loaded", language, outcome: "failed" });
    }
  }

  function tokenize(request: Extract<HighlightRequest, { kind: "tokenize" }>): void {
    const { block, language, lines, isFirst } = request;
    let state = isFirst ? FIRST_LINE : states.get(block);
    if (state === undefined || tokenizer === undefined) {
      answer({ kind: "lost", block });
      return;
    }
    const flat: number[] = [];
    for (const line of lines) {
      const { tokens, next } = tokenizer.tokenize(language, line, state);
      flat.push(tokens.length, ...tokens);
      state = next;
    }
    states.set(block, state);
    answer({ kind: "tokens", block, tokens: Uint16Array.from(flat) });
  }

  return {
    async handle(request) {
      switch (request.kind) {
        case "load":
          return load(request.language);
        case "tokenize":
          return tokenize(request);
        case "forget":
          states.delete(request.block);
      }
    },
  };
}
