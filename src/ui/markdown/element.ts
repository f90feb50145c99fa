/** Makes an element of a fixed name: nothing of an answer ever decides which. */
export function createElement<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className?: string,
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (className !== undefined) element.className = className;
  return element;
}

/** As `createElement`, put in at the end of `parent`. */
export function addElement<Name extends keyof HTMLElementTagNameMap>(
  parent: Node,
  name: Name,
  className?: string,
): HTMLElementTagNameMap[Name] {
  const element = createElement(name, className);
  parent.appendChild(element);
  return element;
}

/** As `classList.toggle`, and leaves no empty attribute: the page tells nothing of what it was before. */
export function toggleClass(element: Element, className: string, isOn: boolean): void {
  element.classList.toggle(className, isOn);
  if (element.getAttribute("class") === "") element.removeAttribute("class");
}

export function setOptionalAttribute(element: Element, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** A group of blocks is nothing to anybody but layout. */
export function createGroup(): HTMLElement {
  return createElement("div", "md-group");
}
