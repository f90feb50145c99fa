import type { AppContext } from "./app-context.ts";
import type { ConversationSearch, ConversationSearchParts } from "./conversation-search.ts";

const UNAVAILABLE =
  "The search could not be loaded. Try again when the server is in reach, or reload the page.";

/** Fetches what is no part of the first load, so that it is there without a line. Never rejects; undefined: it can't be fetched. */
export async function loadConversationSearch(): Promise<
  typeof import("./conversation-search.ts") | undefined
> {
  try {
    return await import("./conversation-search.ts");
  } catch {
    return undefined;
  }
}

/** The search of the conversation, fetched when it is opened for the first time. */
export function createLateConversationSearch(
  context: AppContext,
  parts: ConversationSearchParts,
): ConversationSearch {
  const { search } = context.state;
  let loaded: ConversationSearch | undefined;
  let isDisposed = false;

  async function load(): Promise<ConversationSearch | undefined> {
    const module = await loadConversationSearch();
    if (!isDisposed) loaded ??= module?.createConversationSearch(context, parts);
    return loaded;
  }

  async function searchOnceLoaded(): Promise<void> {
    const late = await load();
    if (late !== undefined) late.searchFor(search.query.peek());
    else if (!isDisposed) search.setShortfall(UNAVAILABLE);
  }

  return {
    openSearch() {
      search.ask();
      void load();
    },
    closeSearch() {
      if (loaded === undefined) search.close();
      else loaded.closeSearch();
    },
    searchFor(query) {
      if (loaded !== undefined) return loaded.searchFor(query);
      // The field shows at once what is written in it.
      search.setQuery(query);
      void searchOnceLoaded();
    },
    shown(sid) {
      if (loaded === undefined) search.close();
      else loaded.shown(sid);
    },
    goToOccurrence: (by) => loaded?.goToOccurrence(by),
    dispose() {
      isDisposed = true;
      loaded?.dispose();
    },
  };
}
