/** Where a keyboard is likely to be a real one. */
const FINE_POINTER = "(hover: hover) and (pointer: fine)";

/**
 * For buttons that go with their press: a focus that is lost begins again at the top of the page, and whoever works
 * without a mouse has all of it to cross. Not on a phone: its keyboard would cover what was opened to be read.
 */
export function focusComposer(): void {
  if (!matchMedia(FINE_POINTER).matches) return;
  document.querySelector<HTMLElement>(".composer-field")?.focus({ preventScroll: true });
}
