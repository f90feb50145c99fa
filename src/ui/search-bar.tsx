import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { MAX_QUERY_CHARS } from "../protocol/limits.ts";
import { useApp } from "./app-context.ts";
import { Icon } from "./icons.tsx";

/** The search within the conversation: all of it, whatever of it is in the page. Drawn anew for each session. */
export function SearchBar(): JSX.Element {
  const { state, actions } = useApp();
  const { search } = state;
  const field = useRef<HTMLInputElement>(null);
  const asks = search.asks.value;

  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, [asks]);

  const close = (): void => {
    actions.closeSearch();
    document.querySelector<HTMLElement>(".conversation-scroll")?.focus({ preventScroll: true });
  };
  return (
    <search class="search-bar" aria-label="Conversation">
      <input
        ref={field}
        type="search"
        aria-label="Find in conversation"
        placeholder="Find in conversation"
        autocomplete="off"
        maxLength={MAX_QUERY_CHARS}
        value={search.query.value}
        onInput={(event) => actions.searchFor(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === "Escape") close();
          else if (event.key === "Enter") actions.goToOccurrence(event.shiftKey ? -1 : 1);
          else return;
          event.preventDefault();
        }}
      />
      <output class="search-count">{countWords(search)}</output>
      <button
        type="button"
        class="icon-button"
        aria-label="Previous occurrence"
        title="Previous occurrence (Shift Enter)"
        disabled={search.total.value === 0}
        onClick={() => actions.goToOccurrence(-1)}
      >
        <Icon name="up" />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Next occurrence"
        title="Next occurrence (Enter)"
        disabled={search.total.value === 0}
        onClick={() => actions.goToOccurrence(1)}
      >
        <Icon name="down" />
      </button>
      <button type="button" class="icon-button" aria-label="Close search" onClick={close}>
        <Icon name="close" />
      </button>
      {search.shortfall.value !== undefined && <p class="search-shortfall">{search.shortfall.value}</p>}
    </search>
  );
}

function countWords(search: ReturnType<typeof useApp>["state"]["search"]): string {
  if (search.query.value.trim() === "") return "";
  const total = search.total.value;
  if (total === 0) return search.isSearching.value ? "Searching…" : "Not found";
  const position = search.position.value;
  const more = search.isSearching.value ? "…" : "";
  return position === 0
    ? `${total.toLocaleString()} found${more}`
    : `${position.toLocaleString()} of ${total.toLocaleString()}${more}`;
}
