import { expect, test } from "vitest";
import { MAX_LINE_CHARS, tokenKind, tokenStart } from "../../../../../src/ui/markdown/code/token-kinds.ts";
import { createTokenizer, FIRST_LINE } from "../../../../../src/ui/markdown/code/tokenizer.ts";

const tokenizer = await createTokenizer();

/** Each line as pieces `text‹kind`; plain text without a kind. */
function describe(language: string, code: string): string[] {
  let state = FIRST_LINE;
  return code.split("\n").map((line) => {
    const { tokens, next } = tokenizer.tokenize(language, line, state);
    state = next;
    const pieces = tokens.map((token, index) => {
      const following = tokens[index + 1];
      const text = line.slice(tokenStart(token), following === undefined ? undefined : tokenStart(following));
      return tokenKind(token) === "text" ? text : `‹${text}:${tokenKind(token)}›`;
    });
    return line.slice(0, tokens[0] === undefined ? undefined : tokenStart(tokens[0])) + pieces.join("");
  });
}

test("a line begins where the one before has ended", async () => {
  expect(await tokenizer.load("ts")).toBe(true);
  expect(describe("ts", "const a = 1; /* one\ntwo */ let b = `x\ny`;")).toEqual([
    "‹const:keyword› a = ‹1:number›; ‹/* one:comment›",
    "‹two */:comment› ‹let:keyword› b = ‹`x:string›",
    "‹y`:string›;",
  ]);
});

test.each([
  ["python", "def f(x): return 'a'  # c", ["keyword", "function", "string", "comment"]],
  ["sh", 'echo "$USER" # c', ["string", "comment"]],
  ["json", '{"a": 1, "b": null}', ["property", "number", "keyword"]],
  ["html", '<a href="x">y</a>', ["tag", "property", "string"]],
  ["css", ".a { color: #fff; }", ["type", "property", "number"]],
  ["sql", "SELECT 1 FROM t -- c", ["keyword", "number", "comment"]],
  ["yaml", "a: 1 # c", ["property", "number", "comment"]],
  ["rust", "fn main() { let x: u32 = 1; }", ["keyword", "function", "number"]],
  ["go", "func main() { return 1 }", ["keyword", "function", "number"]],
  ["java", "class A { int f() { return 1; } }", ["keyword", "type", "number"]],
  ["c", "int main(void) { return 0; }", ["keyword", "function", "number"]],
  ["diff", "+added", ["inserted"]],
  ["md", "# Title", ["heading"]],
])("knows %s", async (language, line, kinds) => {
  expect(await tokenizer.load(language)).toBe(true);
  const { tokens } = tokenizer.tokenize(language, line, FIRST_LINE);
  expect(tokens.map(tokenKind)).toEqual(expect.arrayContaining(kinds));
});

test.each(["klingon", "__proto__", "constructor", ""])("does not know %j", async (language) => {
  expect(await tokenizer.load(language)).toBe(false);
});

test("a line that is too long stays plain, and the next one goes on as if it were not there", async () => {
  await tokenizer.load("ts");
  const begun = tokenizer.tokenize("ts", "/* begun", FIRST_LINE);
  const long = tokenizer.tokenize("ts", "x".repeat(MAX_LINE_CHARS + 1), begun.next);
  expect(long.tokens).toEqual([]);
  expect(tokenizer.tokenize("ts", "still */ 1", long.next).tokens.map(tokenKind)).toEqual([
    "comment",
    "text",
    "number",
  ]);
});
