/**
 * Makes `shown` equal to `wanted` and keeps every node that can stay: a selection in a growing block,
 * the scroll of a growing code block and the focus of its button survive the next delta.
 * `wanted` is used up. Answers the element that now stands in the page.
 */
export function morph(shown: Element, wanted: Element): Element {
  if (!isSameElement(shown, wanted)) {
    shown.replaceWith(wanted);
    return wanted;
  }
  morphChildren(shown, wanted);
  return shown;
}

function morphChildren(shown: Element, wanted: Element): void {
  let old = shown.firstChild;
  for (let next = wanted.firstChild; next !== null;) {
    const following = next.nextSibling;
    if (old === null) {
      shown.append(next);
    } else {
      const after: ChildNode | null = old.nextSibling;
      morphNode(old, next);
      old = after;
    }
    next = following;
  }
  while (old !== null) {
    const after: ChildNode | null = old.nextSibling;
    old.remove();
    old = after;
  }
}

function morphNode(old: ChildNode, next: ChildNode): void {
  if (old instanceof Text && next instanceof Text) growText(old, next.data);
  else if (old instanceof Element && next instanceof Element) morph(old, next);
  else old.replaceWith(next);
}

/** Appends where it can: replacing the data would drop a selection in it. */
function growText(text: Text, data: string): void {
  if (text.data === data) return;
  if (data.startsWith(text.data)) text.appendData(data.slice(text.data.length));
  else text.data = data;
}

/** Attributes are never patched: an element with others is another element. What a press of a button added doesn't count. */
function isSameElement(shown: Element, wanted: Element): boolean {
  if (shown.localName !== wanted.localName) return false;
  const names = wanted.getAttributeNames();
  const isEqual = (name: string): boolean => shown.getAttribute(name) === wanted.getAttribute(name);
  const shownNames = shown.getAttributeNames().filter((name) => name !== "data-copied");
  return names.length === shownNames.length && names.every(isEqual);
}
