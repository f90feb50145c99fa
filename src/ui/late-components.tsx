import { lateComponent } from "./late-component.tsx";

/** What the first load leaves out: what opens only when a person asks for it. */
export const streamsPanel = lateComponent(
  async () => (await import("./streams-panel.tsx")).StreamsPanel,
  <aside class="streams" aria-label="Streams">
    <p class="list-empty">
      This panel could not be loaded. Open it again when the server is in reach, or reload the page.
    </p>
  </aside>,
);

export const searchBar = lateComponent(
  async () => (await import("./search-bar.tsx")).SearchBar,
  <p class="complaint" role="alert">
    The search could not be loaded. Try again when the server is in reach, or reload the page.
  </p>,
);

/** Fetches all of it when nothing else waits for the line, so that it opens without one later. Never rejects. */
export async function preloadLateComponents(): Promise<void> {
  await Promise.all([streamsPanel.preload(), searchBar.preload()]);
}
