import * as fc from "fast-check";
import { readCmarkGfmAnswers, readCommonMarkExamples, readGfmExamples } from "./spec-examples.ts";

const COMMONMARK_TEXTS = readCommonMarkExamples().map((example) => example.markdown);
const ALL_TEXTS = [
  ...COMMONMARK_TEXTS,
  ...[...readGfmExamples(), ...readCmarkGfmAnswers()].map((each) => each.markdown),
];

/** Between the pieces of the lists below. */
const BETWEEN = " / ";

/** What CommonMark gives a meaning, in the pieces it is made of. */
const COMMONMARK_MARKUP = [
  ..."*_`#>+-=~[]()!<>&\\\"':. \t\n".split(""),
  ..."** / *** / __ / `` / ``` / ~~~ / --- / === / #  / - / 1.  / 10)  / >  /     /   \n / \\\n / \n\n / \r\n / \r".split(
    BETWEEN,
  ),
  ...'[a]: /u\n / [a] / ]( / ][ / ![ / ](/u "t") / <http://a.b> / &amp; / &#35;'.split(BETWEEN),
  ..."<b> / </b> / <!-- / --> / <div>\n / <pre> / </pre> / <? / ?>".split(BETWEEN),
  ..."a / b c / é / 字 / “ / \u{1f600} / \u{a0} / \u{0}".split(BETWEEN),
];

const EXTENSION_MARKUP = [
  ..."| / | a | b |\n / | - | - |\n / |-|\n / :-: / \\| / ~ / ~~ / - [ ]  / - [x] ".split(BETWEEN),
  ..."www.a.b / http://a.b/c / a@b.c / [^a] / [^a]:  / \n[^b]: b\n    c\n / [^b]".split(BETWEEN),
  ..."$ / $$ / $$\n / \\( / \\) / \\[ / \\] / $x$".split(BETWEEN),
];

interface Edit {
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
}

function edited(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const { at, removed, inserted } of edits) {
    const from = Math.floor(at * result.length);
    result = result.slice(0, from) + inserted + result.slice(from + removed);
  }
  return result;
}

function arbitraryText(examples: readonly string[], markup: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.constantFrom(...markup);
  const soup = fc.array(piece, { minLength: 1, maxLength: 24 }).map((pieces) => pieces.join(""));
  const edits = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      removed: fc.integer({ min: 0, max: 6 }),
      inserted: fc.oneof(piece, fc.constant("")),
    }),
    { maxLength: 3 },
  );
  const mutated = fc.tuple(fc.constantFrom(...examples), edits).map(([text, all]) => edited(text, all));
  const joint = fc.constantFrom("", "\n", "\n\n", " ", "\n> ", "\n- ", "\n    ");
  return fc
    .array(fc.tuple(fc.oneof(mutated, soup), joint), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.map(([text, after]) => text + after).join(""));
}

/** Examples of CommonMark and its markup, changed and set side by side. */
export const commonMarkText: fc.Arbitrary<string> = arbitraryText(COMMONMARK_TEXTS, COMMONMARK_MARKUP);

/** The same with the extensions' examples and markup. */
export const productText: fc.Arbitrary<string> = arbitraryText(ALL_TEXTS, [
  ...COMMONMARK_MARKUP,
  ...EXTENSION_MARKUP,
  ...EXTENSION_MARKUP,
]);

/** Any code units at all, lone surrogates and control characters among them. */
export const anyCodeUnits: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xff_ff })), { maxLength: 60 })
  .map((units) => String.fromCharCode(...units));
