/**
 * Where the page's selection begins and ends, as its last event told. Asking the selection itself makes Chromium lay the
 * page out, which once a write is once too often. One for the page, as the selection is; begun by the first question.
 */
let ends: readonly (Node | null)[] | undefined;

/** Whether the selection begins or ends in that node. */
export function isSelectionEnd(node: Node): boolean {
  if (ends === undefined) {
    ends = readEnds();
    document.addEventListener("selectionchange", () => {
      ends = readEnds();
    });
  }
  return ends.includes(node);
}

function readEnds(): readonly (Node | null)[] {
  const selection = document.getSelection();
  return [selection?.anchorNode ?? null, selection?.focusNode ?? null];
}
