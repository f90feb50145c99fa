const MATHML = "http://www.w3.org/1998/Math/MathML";

/** All that a formula is made of. What isn't named here is left out and its content kept. [MathML Core § 3] */
const ELEMENTS: ReadonlySet<string> = new Set(
  "math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none semantics menclose".split(
    " ",
  ),
);

/** No `id`, which would give the page names of the answer's choosing; nothing that leads anywhere. */
const ATTRIBUTES: ReadonlySet<string> = new Set(
  "accent accentunder columnalign columnlines columnspacing columnspan depth dir display displaystyle fence form frame height largeop linebreak linethickness lspace mathbackground mathcolor mathsize mathvariant maxsize minsize movablelimits notation rowlines rowspacing rowspan rspace scriptlevel separator stretchy symmetric voffset width".split(
    " ",
  ),
);

/** Deeper nesting could overflow the stack of a browser's layout. */
const MAX_DEPTH = 100;

/**
 * Makes nodes of what the library has built: by names on a list, never from text.
 * Throws where it is nested deeper than any formula.
 */
export function buildMath(tree: unknown, depth = 0): Node {
  if (depth > MAX_DEPTH) throw new RangeError("The formula is nested too deeply.");
  const node = document.createDocumentFragment();
  if (typeof tree !== "object" || tree === null) return node;
  if ("text" in tree) return document.createTextNode(String(tree.text));
  // A reference to an equation elsewhere: its name.
  if ("href" in tree) return createReference(String(tree.href).replace(/^#/, ""));
  const holder = createHolder(tree) ?? node;
  const children: readonly unknown[] =
    "children" in tree && Array.isArray(tree.children) ? tree.children : [];
  for (const child of children) holder.appendChild(buildMath(child, depth + 1));
  return holder;
}

function createReference(name: string): Element {
  const element = document.createElementNS(MATHML, "mtext");
  element.textContent = `(${name})`;
  return element;
}

function createHolder(tree: object): Element | undefined {
  const type = "type" in tree ? tree.type : undefined;
  if (typeof type !== "string" || !ELEMENTS.has(type)) return createSpan(tree);
  const element = document.createElementNS(MATHML, type);
  copyAttributes(tree, element);
  // A page without MathML has no styles of it either.
  if ("style" in element) copyStyles(tree, element);
  copyClasses(tree, element);
  return element;
}

/** Empty, for the number of an equation, which CSS counts. */
function createSpan(tree: object): Element | undefined {
  if (!("classes" in tree) || !Array.isArray(tree.classes) || tree.classes.length === 0) return undefined;
  const element = document.createElement("span");
  copyClasses(tree, element);
  return element;
}

function copyAttributes(tree: object, element: Element): void {
  if (!("attributes" in tree) || typeof tree.attributes !== "object" || tree.attributes === null) return;
  for (const [name, value] of Object.entries(tree.attributes)) {
    if (ATTRIBUTES.has(name)) element.setAttribute(name, String(value));
  }
}

function copyStyles(tree: object, element: ElementCSSInlineStyle): void {
  if (!("style" in tree) || typeof tree.style !== "object" || tree.style === null) return;
  for (const [name, value] of Object.entries(tree.style)) {
    const property = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    // Through CSSOM, which the page's policy allows and which takes one value at a time.
    if (!String(value).includes("(")) element.style.setProperty(property, String(value));
  }
}

function copyClasses(tree: object, element: Element): void {
  if (!("classes" in tree) || !Array.isArray(tree.classes)) return;
  const names = tree.classes.filter((name) => typeof name === "string" && /^[\w-]+$/.test(name));
  if (names.length > 0) element.setAttribute("class", names.join(" "));
}
