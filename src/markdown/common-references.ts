/** Each name with its character right after it. */
const TABLE =
  "amp& lt< gt> quot\u0022 apos' nbsp\u00A0 colon: Tab\u0009 NewLine\u000A lpar( rpar) sol/ bsol\u005C " +
  "lbrack[ rbrack] lbrace{ rbrace} vert| grave` ast* num# dollar$ lowbar_ commat@ ensp\u2002 emsp\u2003 " +
  "thinsp\u2009 shy\u00AD zwj\u200D zwnj\u200C copy© reg® trade™ deg° plusmn± times× divide÷ minus− " +
  "middot· bull• hellip… ndash– mdash— lsquo‘ rsquo’ ldquo“ rdquo” laquo« raquo» larr← uarr↑ rarr→ darr↓ " +
  "harr↔ rArr⇒ hArr⇔ ne≠ le≤ ge≥ asymp≈ infin∞ sum∑ radic√ part∂ int∫ alphaα betaβ gammaγ deltaδ DeltaΔ " +
  "epsilonε thetaθ lambdaλ muμ microµ piπ sigmaσ omegaω OmegaΩ phiφ euro€ pound£ cent¢ yen¥ sect§ para¶ " +
  "frac12½ frac14¼ frac34¾ sup1¹ sup2² sup3³ check✓ aacuteá eacuteé egraveè agraveà aumlä oumlö uumlü " +
  "AumlÄ OumlÖ UumlÜ szligß ccedilç ntildeñ iexcl¡ iquest¿ ";

/** The names that people and models write. All 2,125 are in `full-references.ts`, which is larger than the parser. */
export const COMMON_REFERENCES: ReadonlyMap<string, string> = new Map(
  [...TABLE.matchAll(/([A-Za-z0-9]+)(.) /gsu)].map(([, name = "", text = ""]) => [name, text]),
);
