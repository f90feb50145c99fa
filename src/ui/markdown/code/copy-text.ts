/** Where the copy has ended up. `selected`: the person has to press the keys for it. */
export type CopyOutcome = "copied" | "selected";

/**
 * Copies `text` exactly. Where the page isn't served safely (http in a home network) there is no clipboard to write to:
 * then by the old command, and where that is refused too, `shown` is selected.
 */
export async function copyText(text: string, shown: Element): Promise<CopyOutcome> {
  if ("clipboard" in navigator) {
    try {
      await navigator.clipboard.writeText(text);
      return "copied";
    } catch {
      // Refused, or the page lost focus: the next best.
    }
  }
  return copyByCommand(text, shown) ? "copied" : "selected";
}

function copyByCommand(text: string, shown: Element): boolean {
  const selection = getSelection();
  const before =
    selection !== null && selection.rangeCount > 0 ? selection.getRangeAt(0).cloneRange() : undefined;
  // Safari copies nothing when nothing is selected.
  selection?.selectAllChildren(shown);
  const onCopy = (event: ClipboardEvent): void => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("copy", onCopy, { capture: true });
  const isCopied = runCopyCommand();
  document.removeEventListener("copy", onCopy, { capture: true });
  if (isCopied) {
    selection?.removeAllRanges();
    if (before !== undefined) selection?.addRange(before);
  }
  return isCopied;
}

/** Deprecated, and the only way without a safe context. */
function runCopyCommand(): boolean {
  try {
    // oxlint-disable-next-line typescript/no-deprecated -- see above
    return document.execCommand("copy");
  } catch {
    return false;
  }
}
