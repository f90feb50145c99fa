import { useEffect } from "preact/hooks";
import { useApp } from "./app-context.ts";

/**
 * Keys that work wherever the focus is: Ctrl or ⌘ + F opens the search; pressed again in it, the browser's own opens.
 * Alt + arrows go from question to question, with Shift to the first and the latest message; not while words are written.
 */
export function useConversationKeys(): void {
  const { actions, state } = useApp();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const isFind = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      if (isFind && event.key.toLowerCase() === "f") {
        const isInSearch = event.target instanceof Element && event.target.closest(".search-bar") !== null;
        if (state.search.isOpen.peek() && isInSearch) return;
        event.preventDefault();
        actions.openSearch();
        return;
      }
      if (!event.altKey || event.ctrlKey || event.metaKey || isWriting(event.target)) return;
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      event.preventDefault();
      const isUp = event.key === "ArrowUp";
      if (event.shiftKey && isUp) void actions.jumpToStart();
      else if (event.shiftKey) actions.moveReader("end");
      else actions.moveReader(isUp ? "previous-question" : "next-question");
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [actions, state]);
}

/** In a field with words in it, these keys move by paragraphs. */
function isWriting(target: EventTarget | null): boolean {
  const isField = target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement;
  return isField && target.value !== "";
}
