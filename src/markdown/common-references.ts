/** Name and character by turns: those of HTML 4, and of HTML 5 the ones for what is on a keyboard. A name ends where its character begins. */
const TABLE =
  "Tab\u0009 NewLine\u000A excl! quot\" num# dollar\u0024 percnt% amp& apos' lpar( rpar) ast* plus+ comma, " +
  "period. sol/ colon: semi; lt< equals= gt> quest? commat@ lbrack[ lsqb[ bsol\u005C rbrack] rsqb] Hat^ " +
  "lowbar_ grave\u0060 lbrace{ lcub{ verbar| vert| rbrace} rcub} nbsp\u00A0 iexcl¡ cent¢ pound£ curren¤ yen¥ " +
  "brvbar¦ sect§ uml¨ copy© ordfª laquo« not¬ shy\u00AD reg® macr¯ deg° plusmn± sup2² sup3³ acute´ microµ " +
  "para¶ middot· cedil¸ sup1¹ ordmº raquo» frac14¼ frac12½ frac34¾ iquest¿ AgraveÀ AacuteÁ AcircÂ AtildeÃ " +
  "AumlÄ AringÅ AEligÆ CcedilÇ EgraveÈ EacuteÉ EcircÊ EumlË IgraveÌ IacuteÍ IcircÎ IumlÏ ETHÐ NtildeÑ OgraveÒ " +
  "OacuteÓ OcircÔ OtildeÕ OumlÖ times× OslashØ UgraveÙ UacuteÚ UcircÛ UumlÜ YacuteÝ THORNÞ szligß agraveà " +
  "aacuteá acircâ atildeã aumlä aringå aeligæ ccedilç egraveè eacuteé ecircê eumlë igraveì iacuteí icircî " +
  "iumlï ethð ntildeñ ograveò oacuteó ocircô otildeõ oumlö divide÷ oslashø ugraveù uacuteú ucircû uumlü " +
  "yacuteý thornþ yumlÿ OEligŒ oeligœ ScaronŠ scaronš YumlŸ fnofƒ circˆ tilde˜ AlphaΑ BetaΒ GammaΓ DeltaΔ " +
  "EpsilonΕ ZetaΖ EtaΗ ThetaΘ IotaΙ KappaΚ LambdaΛ MuΜ NuΝ XiΞ OmicronΟ PiΠ RhoΡ SigmaΣ TauΤ UpsilonΥ PhiΦ " +
  "ChiΧ PsiΨ OmegaΩ ohmΩ alphaα betaβ gammaγ deltaδ epsilonε zetaζ etaη thetaθ iotaι kappaκ lambdaλ muμ nuν " +
  "xiξ omicronο piπ rhoρ sigmafς sigmaσ tauτ upsilonυ phiφ chiχ psiψ omegaω thetasymϑ upsihϒ pivϖ ensp\u2002 " +
  "emsp\u2003 thinsp\u2009 zwnj\u200C zwj\u200D lrm\u200E rlm\u200F hyphen‐ dash‐ ndash– mdash— horbar― lsquo‘ " +
  "rsquo’ sbquo‚ ldquo“ rdquo” bdquo„ dagger† Dagger‡ bull• bullet• hellip… permil‰ prime′ Prime″ lsaquo‹ " +
  "rsaquo› oline‾ frasl⁄ euro€ imageℑ weierp℘ realℜ trade™ alefsymℵ larr← uarr↑ rarr→ darr↓ harr↔ crarr↵ lArr⇐ " +
  "uArr⇑ rArr⇒ dArr⇓ hArr⇔ forall∀ part∂ exist∃ empty∅ nabla∇ isin∈ notin∉ ni∋ prod∏ sum∑ minus− lowast∗ " +
  "radic√ prop∝ infin∞ ang∠ and∧ or∨ cap∩ cup∪ int∫ there4∴ sim∼ cong≅ asymp≈ ne≠ equiv≡ le≤ ge≥ sub⊂ sup⊃ " +
  "nsub⊄ sube⊆ supe⊇ oplus⊕ otimes⊗ perp⊥ sdot⋅ lceil⌈ rceil⌉ lfloor⌊ rfloor⌋ lang〈 rang〉 loz◊ star☆ phone☎ " +
  "female♀ male♂ spades♠ clubs♣ hearts♥ diams♦ check✓ checkmark✓ cross✗ ";

/** Name → what it stands for. The ones that people and models write; 2,125 more are in `full-references.ts`. */
export const COMMON_REFERENCES: ReadonlyMap<string, string> = new Map(
  [...TABLE.matchAll(/([A-Za-z0-9]+)(.) /gsu)].map(([, name = "", text = ""]) => [name, text]),
);
