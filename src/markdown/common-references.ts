/** Each name with its character right after it, which is never a letter or digit of ASCII. */
const TABLE =
  "amp&lt<gt>quot\u0022apos'nbsp\u00A0colon:Tab\u0009NewLine\u000Alpar(rpar)sol/bsol\u005C" +
  "lbrack[rbrack]lbrace{rbrace}vert|grave`ast*num#dollar$lowbar_commat@ensp\u2002emsp\u2003" +
  "thinsp\u2009shy\u00ADzwj\u200Dzwnj\u200Ccopy©reg®trade™deg°plusmn±times×divide÷minus−" +
  "middot·bull•hellip…ndash–mdash—lsquo‘rsquo’ldquo“rdquo”laquo«raquo»larr←uarr↑rarr→darr↓" +
  "harr↔rArr⇒hArr⇔ne≠le≤ge≥asymp≈infin∞sum∑radic√part∂int∫alphaαbetaβgammaγdeltaδDeltaΔ" +
  "epsilonεthetaθlambdaλmuμmicroµpiπsigmaσomegaωOmegaΩphiφeuro€pound£cent¢yen¥sect§para¶" +
  "frac12½frac14¼frac34¾sup1¹sup2²sup3³check✓aacuteáeacuteéegraveèagraveàaumläoumlöuumlü" +
  "AumlÄOumlÖUumlÜszligßccedilçntildeñiexcl¡iquest¿";

/** The names that people and models write. All 2,125 are in `full-references.ts`, which is larger than the parser. */
export const COMMON_REFERENCES: ReadonlyMap<string, string> = new Map(
  [...TABLE.matchAll(/([A-Za-z0-9]+)(.)/gsu)].map(([, name = "", text = ""]) => [name, text]),
);
