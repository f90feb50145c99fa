/** A text that makes careless parsers slow, deep or wrong, in a size of choice. */
export interface PathologicalInput {
  readonly name: string;
  /** About `size` UTF-16 code units. */
  readonly make: (size: number) => string;
}

const times = (piece: string) => (size: number) => piece.repeat(Math.max(1, Math.floor(size / piece.length)));

/** `before` and `after` around a middle, `n` of each, so that what is opened may be closed. */
const around = (before: string, middle: string, after: string) => (size: number) => {
  const count = Math.max(1, Math.floor(size / (before.length + after.length)));
  return before.repeat(count) + middle + after.repeat(count);
};

const lines = (size: number, line: (index: number) => string): string => {
  let text = "";
  for (let index = 0; text.length < size; index += 1) text += line(index);
  return text;
};

/** The inputs that cmark's own test of pathological texts has, by the names it has for them. */
const OF_CMARK: readonly PathologicalInput[] = [
  { name: "nested strong emph", make: around("*a **a ", "b", " a** a*") },
  { name: "many emph closers with no openers", make: times("a_ ") },
  { name: "many emph openers with no closers", make: times("_a ") },
  { name: "many link closers with no openers", make: times("a]") },
  { name: "many link openers with no closers", make: times("[a") },
  { name: "mismatched openers and closers", make: times("*a_ ") },
  {
    name: "emph openers that another delimiter crosses",
    make: (size) => times("*a ")(size / 2) + times("_a*_ ")(size / 2),
  },
  { name: "openers and closers multiple of 3", make: (size) => `a**b${times("c* ")(size)}` },
  { name: "link openers and emph closers", make: times("[ a_") },
  { name: "pattern [ (]( repeated", make: times("[ (](") },
  { name: "pattern ![[]() repeated", make: times("![[]()") },
  { name: "hard link/emph case", make: times("**x [a*b**c*](d) ") },
  { name: "nested brackets", make: around("[", "a", "]") },
  { name: "nested block quotes", make: (size) => `${times("> ")(size)}a` },
  { name: "deeply nested lists", make: (size) => lines(size, (index) => `${"  ".repeat(index)}* a\n`) },
  {
    name: "empty lines in deeply nested lists",
    make: (size) => `${times("- ")(size / 2)}x${times("\n")(size / 2)}`,
  },
  {
    name: "empty lines in deeply nested lists in a block quote",
    make: (size) => `> ${times("- ")(size / 2)}x\n${times(">\n")(size / 2)}`,
  },
  { name: "emph in a deep block quote", make: (size) => times(">")(size / 3) + times("a*")((size * 2) / 3) },
  { name: "U+0000 in input", make: times("abc\u{0}de\u{0}") },
  { name: "backticks", make: (size) => lines(size, (index) => `e${"`".repeat(index + 1)}`) },
  { name: "unclosed links A", make: times("[a](<b") },
  { name: "unclosed links B", make: times("[a](b") },
  { name: "unclosed <!--", make: (size) => `</${times("<!--")(size)}` },
  { name: "unclosed <?", make: (size) => `</${times("<?")(size)}` },
  { name: "unclosed <!A", make: (size) => `</${times("<!A")(size)}` },
  { name: "unclosed <![CDATA[", make: (size) => `</${times("<![CDATA[")(size)}` },
  { name: "line ends of three kinds before a table that isn't one", make: times("aaa\rbbb\n-\v\n") },
  {
    name: "many references",
    make: (size) => lines(size / 2, (index) => `[${index}]: u\n`) + times("[0] ")(size / 2),
  },
  {
    name: "definitions of one label",
    make: (size) => times("[a]: u\n")(size / 2) + times("[a] ")(size / 2),
  },
];

/** The same thought for GFM, footnotes, math and what else scans ahead or back. */
const OF_EXTENSIONS: readonly PathologicalInput[] = [
  { name: "tildes that open only", make: times("~~a ") },
  { name: "tildes nested in emphasis", make: around("~~a *a ", "b", " a* a~~") },
  { name: "a table with many columns and short rows", make: (size) => wideTable(size) },
  { name: "a table's rows of pipes alone", make: (size) => `|a|\n|-|\n${times("||||||||\n")(size)}` },
  { name: "bars after a row's last cell", make: (size) => `|a|\n|-|\n${times("|")(size)}` },
  { name: "tables that end at once", make: times("|a|\n|-|\n\n") },
  { name: "delimiter rows that don't fit their header", make: times("a|b\n-|-|-\n") },
  { name: "escaped pipes", make: (size) => `|a|\n|-|\n|${times("\\|")(size)}|\n` },
  { name: "www. again and again", make: times("www.a") },
  { name: "addresses without an end", make: (size) => `http://a.b/${times("(a")(size)}` },
  { name: "closing brackets after an address", make: (size) => `http://a.b/${times(")")(size)}` },
  { name: "entities after an address", make: (size) => `http://a.b/${times("&amp;")(size)}` },
  { name: "schemes again and again", make: times("http://") },
  { name: "at signs", make: times("a@") },
  { name: "a long name before an at sign", make: (size) => `${times("a.")(size)}@b.c` },
  { name: "names without a domain", make: times("a_b@c_") },
  { name: "footnote references without a definition", make: times("[^a]") },
  { name: "footnote references that don't end", make: times("[^a") },
  { name: "many references to one footnote", make: (size) => `${times("[^a] ")(size)}\n\n[^a]: b\n` },
  {
    name: "footnotes that refer to each other",
    make: (size) => `[^0]\n\n${lines(size, (index) => `[^${index}]: [^${index + 1}]\n\n`)}`,
  },
  { name: "footnote definitions in one line", make: times("[^a]: ") },
  { name: "dollars", make: times("$") },
  { name: "dollars that open only", make: times("$a ") },
  { name: "dollars that close only", make: times("a$ ") },
  { name: "brackets of math that open only", make: times("\\(a ") },
  { name: "blocks of math that don't end", make: times("$$\na\n\n") },
  { name: "attributes without an end", make: (size) => `<a ${times("b=c ")(size)}` },
  { name: "quotes in a tag without an end", make: times('<a b="') },
  { name: "ampersands", make: times("&") },
  { name: "names of entities without an end", make: times("&amp") },
  { name: "backslashes", make: times("\\") },
  { name: "a title without an end", make: times('[a](b "c') },
  { name: "a definition's title without an end", make: (size) => `[a]: b "${times("c\n")(size)}` },
  { name: "a definition's label without an end", make: (size) => `[${times("a\n")(size)}` },
  { name: "definitions that begin only", make: times("[a]:\n") },
  { name: "fences that open and close", make: times("```\n```\n") },
  { name: "an underline after a long paragraph", make: (size) => `${times("a b\n")(size)}===\n` },
  { name: "one line without spaces", make: times("a") },
  { name: "line ends alone", make: times("\n") },
  { name: "tabs alone", make: times("\t") },
  { name: "markers of empty items", make: times("- \n") },
  { name: "numbers of items", make: (size) => lines(size, (index) => `${index}. a\n`) },
  { name: "items that take turns in markers", make: times("- a\n+ a\n") },
  { name: "surrogates alone", make: times("\u{d83d}") },
];

/** n columns and n rows that name none of them would be n² cells. */
function wideTable(size: number): string {
  const columns = Math.floor(size / 6);
  return `${"|a".repeat(columns)}|\n${"|-".repeat(columns)}|\n${"|\n".repeat(columns)}`;
}

export const PATHOLOGICAL_INPUTS: readonly PathologicalInput[] = [...OF_CMARK, ...OF_EXTENSIONS];
