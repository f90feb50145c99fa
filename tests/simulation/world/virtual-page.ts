import type { Page, PageEvent } from "../../../src/streaming/ports.ts";

/** What the page's own APIs say of it: its visibility, `navigator.onLine`, and the events of both. */
export interface VirtualPage extends Page {
  facts: { isHidden: boolean; isOnline: boolean };
  /** Whether the page was told that it is offline, or could see it when it began. */
  readonly wasToldOffline: boolean;
  emit(event: PageEvent): void;
}

export function createVirtualPage(facts: { isHidden: boolean; isOnline: boolean }): VirtualPage {
  const listeners = new Set<(event: PageEvent) => void>();
  let wasToldOffline = !facts.isOnline;
  const page: VirtualPage = {
    facts,
    get wasToldOffline() {
      return wasToldOffline;
    },
    isHidden: () => page.facts.isHidden,
    isOnline: () => page.facts.isOnline,
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    emit(event) {
      if (event === "offline" || event === "online") wasToldOffline = event === "offline";
      for (const listener of Array.from(listeners)) if (listeners.has(listener)) listener(event);
    },
  };
  return page;
}
