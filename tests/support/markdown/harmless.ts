/** What the writer makes, and nothing else: an element that isn't here is a hole or wants to be named. */
const ELEMENTS: ReadonlySet<string> = new Set(
  "a b blockquote br button code del div em figure h1 h2 h3 h4 h5 h6 hr i input ins kbd li mark ol p pre s section small span strong sub sup table tbody td th thead tr u ul".split(
    " ",
  ),
);

const ATTRIBUTES: ReadonlySet<string> = new Set(
  "aria-hidden aria-label aria-pressed checked class data-align data-language data-name data-source data-word disabled href id rel role scope start tabindex target title type value".split(
    " ",
  ),
);

const XHTML = "http://www.w3.org/1999/xhtml";
const MATHML = "http://www.w3.org/1998/Math/MathML";

/** What formulas are made of: nothing that leads anywhere, loads anything or holds HTML. [MathML Core § 3] */
const MATH_ELEMENTS: ReadonlySet<string> = new Set(
  "math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none semantics".split(
    " ",
  ),
);

/** An attribute of a formula that could run, lead, load, name something, or cover the page. */
function isHarmfulInMath(attribute: string, value: string): boolean {
  if (/^(?:on.*|href|src|action.*|id|name|.*:.*)$/.test(attribute)) return true;
  return attribute === "style" && /[(@\\]|position|content/i.test(value);
}

const LINKS = /^(?:https?:\/\/|mailto:|tel:|#)/;

/**
 * Why a written answer could do harm, one sentence each; empty: it can't. Takes nothing for granted: every element and
 * every attribute in it is on a list, addresses have few protocols, and nothing has a source to load.
 */
export function findHarm(mount: Element): readonly string[] {
  const harm: string[] = [];
  for (const element of mount.querySelectorAll("*")) {
    const name = element.localName;
    if (element.namespaceURI === MATHML) {
      if (!MATH_ELEMENTS.has(name)) harm.push(`<${name}> is in a formula`);
      for (const { name: attribute, value } of element.attributes) {
        if (isHarmfulInMath(attribute, value)) harm.push(`<${name}> of a formula has ${attribute}=${value}`);
      }
      continue;
    }
    if (!ELEMENTS.has(name) || element.namespaceURI !== XHTML) harm.push(`<${name}> is in the page`);
    for (const attribute of element.getAttributeNames()) {
      const value = element.getAttribute(attribute) ?? "";
      if (!ATTRIBUTES.has(attribute)) harm.push(`<${name}> has ${attribute}=${JSON.stringify(value)}`);
      if (attribute === "href" && (name !== "a" || !LINKS.test(value))) {
        harm.push(`<${name}> leads to ${JSON.stringify(value)}`);
      }
      if (attribute === "data-source" && !value.startsWith("https://")) {
        harm.push(`a picture would come from ${JSON.stringify(value)}`);
      }
      if (attribute === "type" && value !== (name === "button" ? "button" : "checkbox")) {
        harm.push(`<${name}> is of type ${JSON.stringify(value)}`);
      }
    }
    if (name === "a" && element.getAttribute("href")?.startsWith("#") === false) {
      if (element.getAttribute("rel") !== "noopener noreferrer nofollow")
        harm.push(`a link tells where it is from`);
    }
    if (name === "a" && element.querySelector("a, button") !== null)
      harm.push("a link holds what can be pressed");
  }
  return harm;
}
