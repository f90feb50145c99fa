/** Where a touch screen comes first, a field that gets the focus brings up a keyboard over what was opened to be read. */
const TOUCH_FIRST = "(pointer: coarse)";

/**
 * For buttons that go with their press, within the press: a focus that is lost begins again at the top of the page, and
 * whoever works without a mouse has all of it to cross. Not after a tap; but keys that were pressed are there, whatever
 * else is: a machine without a mouse has no fine pointer, and a tablet with a keyboard has a coarse one.
 *
 * @param isByKey Asked of the button that has the focus, by default.
 */
export function focusComposer(isByKey = isPressedByKey()): void {
  if (matchMedia(TOUCH_FIRST).matches && !isByKey) return;
  document.querySelector<HTMLElement>(".composer-field")?.focus({ preventScroll: true });
}

/** The browser shows the focus of a button to who works by the keyboard, and not to who taps; that of a field to everybody. */
export function isPressedByKey(): boolean {
  const { activeElement } = document;
  return activeElement instanceof HTMLButtonElement && activeElement.matches(":focus-visible");
}
