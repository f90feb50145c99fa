import { createHighlighterCore, type HighlighterCore } from "shiki/core";
import { createJavaScriptRegexEngine } from "shiki/engine/javascript";
import { bundledLanguages } from "shiki/langs";
import { INITIAL, type ITokenizeLineResult2, type StateStack } from "shiki/textmate";
import { MAX_LINE_CHARS, packToken } from "./token-kinds.ts";
import { kindOfColor, TOKEN_THEME } from "./token-theme.ts";

/** Where in its language a line begins: within a comment, a string, a block. */
export type LineState = StateStack;

export const FIRST_LINE: LineState = INITIAL;

/** Unit: ms. */
const LINE_LIMIT_MS = 1_000;
/** The first lines of a language compile its patterns, which may take longer; what is compiled stays so. */
const MAX_TRIES = 4;

/** vscode-textmate's metadata: the colour is in bits 15 to 23. */
const COLOR_SHIFT = 15;
const COLOR_MASK = 0x1_ff;

export interface TokenizedLine {
  /** See {@link packToken}. Empty: all of the line is plain. */
  readonly tokens: readonly number[];
  readonly next: LineState;
}

/** Tells the kinds of words of a language, a line at a time. */
export interface Tokenizer {
  /** Answers whether there is such a language. Rejects when its grammar can't be fetched. */
  load(language: string): Promise<boolean>;
  /** Only of a language that was loaded. The cost depends on the line alone. */
  tokenize(language: string, line: string, state: LineState): TokenizedLine;
}

export async function createTokenizer(): Promise<Tokenizer> {
  const highlighter = await createHighlighterCore({
    themes: [TOKEN_THEME],
    langs: [],
    // Patterns that JavaScript can't express are left out: better a few colours less than none.
    engine: createJavaScriptRegexEngine({ forgiving: true }),
    warnings: false,
  });
  const { colorMap } = highlighter.setTheme(TOKEN_THEME.name);
  const kinds = colorMap.map(kindOfColor);
  return {
    load: (language) => loadLanguage(highlighter, language),
    tokenize(language, line, state) {
      if (line.length > MAX_LINE_CHARS) return { tokens: [], next: state };
      const grammar = highlighter.getLanguage(language);
      const tokenizeLine = (): ITokenizeLineResult2 => grammar.tokenizeLine2(line, state, LINE_LIMIT_MS);
      let result = tokenizeLine();
      for (let tries = 1; result.stoppedEarly && tries < MAX_TRIES; tries += 1) result = tokenizeLine();
      const { tokens, ruleStack, stoppedEarly } = result;
      // As VS Code does: what was found stands, and the next line begins as this one did.
      return { tokens: packTokens(tokens, kinds), next: stoppedEarly ? state : ruleStack };
    },
  };
}

async function loadLanguage(highlighter: HighlighterCore, language: string): Promise<boolean> {
  if (!Object.hasOwn(bundledLanguages, language)) return false;
  await highlighter.loadLanguage(bundledLanguages[language as keyof typeof bundledLanguages]);
  return true;
}

/** Neighbours of one kind are one token. */
function packTokens(tokens: Uint32Array, kinds: readonly number[]): number[] {
  const packed: number[] = [];
  let last = 0;
  for (let at = 0; at + 1 < tokens.length; at += 2) {
    const kind = kinds[((tokens[at + 1] ?? 0) >>> COLOR_SHIFT) & COLOR_MASK] ?? 0;
    if (kind !== last) packed.push(packToken(tokens[at] ?? 0, kind));
    last = kind;
  }
  return packed;
}
