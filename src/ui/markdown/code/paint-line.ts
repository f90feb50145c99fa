import { tokenKind, tokenStart } from "./token-kinds.ts";

/**
 * Puts elements of the colours of `tokens` in the place of a line's text. The page's text stays the same, and so does
 * its layout: only colours differ. Answers false when it was left as it is, because a selection begins or ends there.
 */
export function paintLine(node: ChildNode, tokens: Uint16Array): boolean {
  // A line of several nodes is longer than what is tokenized; one without a parent has been taken out.
  if (tokens.length === 0 || !(node instanceof Text) || node.parentNode === null) return true;
  if (holdsSelection(node)) return false;
  const text = node.data;
  const line = document.createDocumentFragment();
  const first = tokenStart(tokens[0] ?? 0);
  if (first > 0) line.append(text.slice(0, first));
  for (const [index, token] of tokens.entries()) {
    const following = tokens[index + 1];
    const piece = text.slice(tokenStart(token), following === undefined ? undefined : tokenStart(following));
    const kind = tokenKind(token);
    line.append(kind === "text" ? piece : createToken(kind, piece));
  }
  node.replaceWith(line);
  return true;
}

function createToken(kind: string, text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = `tok-${kind}`;
  element.textContent = text;
  return element;
}

/** An end of a selection in the text that goes, or between it and its neighbours, would move. [DOM § 5.5 live ranges] */
function holdsSelection(node: Text): boolean {
  const selection = document.getSelection();
  if (selection === null) return false;
  const parent = node.parentNode;
  const isHere = (end: Node | null): boolean => end !== null && (end === node || end === parent);
  return isHere(selection.anchorNode) || isHere(selection.focusNode);
}
