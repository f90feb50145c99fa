/** How much room a formula will take, told from its source before it can be set. Unit: em of the text around it. */
export interface MathSize {
  readonly widthEm: number;
  readonly heightEm: number;
}

/** What stands over or under something else makes a line higher by about this much. */
const TALL: readonly (readonly [RegExp, number])[] = [
  [/\\(?:[dtc]?frac|binom)(?![a-z])|\\over(?![a-z])/, 0.8],
  [/\\(?:sum|prod|coprod|bigcup|bigcap|bigoplus|lim|max|min|sup|inf)(?![a-z])[^\\&]*?[_^]/, 1.4],
  [/\\(?:i*int|oint)(?![a-z])/, 0.8],
  [/\\(?:under|over)(?:brace|set|line)|\\x?(?:left|right)arrow\{/, 0.7],
];
const LINE_EM = 1.9;
const INLINE_EM = 1.45;
/** Of each line, where there are several. */
const BETWEEN_LINES_EM = 0.4;
/** Glyphs are narrow and wide; this is what they come to. */
const GLYPH_EM = 0.55;

/** Rough, and rather too high than too low: what is lower than its place moves nothing. Never throws. */
export function estimateMath(tex: string, isDisplay: boolean): MathSize {
  const lines = tex.split(/\\\\(?:\[[^\]]*\])?|\\cr(?![a-z])/).filter((line) => line.trim() !== "");
  let heightEm = lines.length > 1 ? BETWEEN_LINES_EM * lines.length : 0;
  let widthEm = 0;
  for (const line of lines) {
    const tallEm = TALL.reduce((sum, [pattern, em]) => sum + (pattern.test(line) ? em : 0), 0);
    // In a line of words it is set small.
    heightEm += isDisplay ? LINE_EM + tallEm : INLINE_EM + tallEm / 2;
    widthEm = Math.max(widthEm, glyphsOf(line) * GLYPH_EM);
  }
  return { widthEm: Math.max(widthEm, GLYPH_EM), heightEm: Math.max(heightEm, INLINE_EM) };
}

/** What is seen of a source: a command is one glyph, braces and the signs of scripts are none, a relation has space around it. */
function glyphsOf(line: string): number {
  return line
    .replaceAll(
      /\\(?:begin|end)\{[^}]*\}|\\(?:left|right|[dt]?frac|mathrm|mathbf|text|operatorname)(?![a-z])/g,
      "",
    )
    .replaceAll(/\\(?:sin|cos|tan|log|ln|exp|lim|max|min|det)(?![a-z])/g, "xxx")
    .replaceAll(/\\[a-zA-Z]+/g, "x")
    .replaceAll(/[{}^_&\s\\]/g, "")
    .replaceAll(/[+=<>-]/g, "xxx").length;
}
