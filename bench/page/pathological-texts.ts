const count = (chars: number, piece: string): number => Math.ceil(chars / piece.length);
const repeat = (piece: string, chars: number): string => piece.repeat(count(chars, piece)).slice(0, chars);
const around = (open: string, middle: string, close: string, chars: number): string => {
  const times = Math.floor(chars / (open.length + close.length));
  return open.repeat(times) + middle + close.repeat(times);
};

/** Inputs that drive careless parsers to quadratic time: those of cmark's own test/pathological_tests.py, at any length. */
export const PATHOLOGICAL: Readonly<Record<string, (chars: number) => string>> = {
  "nested strong emphasis": (chars) => around("*a **a ", "b", " a** a*", chars),
  "many emphasis closers": (chars) => repeat("a_ ", chars),
  "many emphasis openers": (chars) => repeat("_a ", chars),
  "many link closers": (chars) => repeat("a]", chars),
  "many link openers": (chars) => repeat("[a", chars),
  "mismatched openers and closers": (chars) => repeat("*a_ ", chars),
  "openers and closers a multiple of 3": (chars) => `a**b${repeat("c* ", chars)}`,
  "link openers and emphasis closers": (chars) => repeat("[ a_", chars),
  "pattern [ (](": (chars) => repeat("[ (](", chars),
  "pattern ![[]()": (chars) => repeat("![[]()", chars),
  "nested brackets": (chars) => around("[", "a", "]", chars),
  "nested block quotes": (chars) => `${repeat("> ", chars)}a`,
  "deeply nested lists": (chars) => {
    let text = "";
    for (let depth = 0; text.length < chars; depth += 1) text += `${"  ".repeat(depth)}* a\n`;
    return text;
  },
  "backslashes of a paragraph": (chars) => repeat("\\*", chars),
  "backticks of growing runs": (chars) => {
    let text = "";
    for (let run = 1; text.length < chars; run += 1) text += `e${"`".repeat(run)}`;
    return text;
  },
  "unclosed <a> tags": (chars) => repeat("<a ", chars),
  "unclosed links, A": (chars) => repeat("[a](<b", chars),
  "unclosed links, B": (chars) => repeat("[a](b", chars),
  "unclosed comments": (chars) => `</${repeat("<!--", chars)}`,
  "unclosed declarations": (chars) => repeat("<!A ", chars),
  "unclosed processing instructions": (chars) => repeat("<?", chars),
  "unclosed CDATA": (chars) => repeat("<![CDATA[", chars),
  "empty lines in nested lists": (chars) => `${"- ".repeat(98)}x${repeat("\n", chars)}x`,
  "references that are never defined": (chars) => repeat("[a][b] ", chars),
  "many definitions": (chars) => {
    let text = "";
    for (let at = 0; text.length < chars; at += 1) text += `[${at}]: u\n`;
    return text;
  },
  "a table with rows that grow": (chars) => `a|b\n-|-\n${repeat("|", chars)}`,
  "tables that never begin": (chars) => repeat("| a | b |\n", chars),
  tildes: (chars) => repeat("~~a ~", chars),
  dollars: (chars) => repeat("$a ", chars),
  "footnotes without an end": (chars) => repeat("[^a", chars),
  "literal links": (chars) => repeat("www.a.b_", chars),
  tabs: (chars) => repeat("\t", chars),
  "one word": (chars) => repeat("a", chars),
};
