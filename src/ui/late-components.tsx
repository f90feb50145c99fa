import { lateComponent } from "./late-component.tsx";
import { loadSearchMarks } from "./use-search-marks.ts";

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

const NO_DIALOG = (
  <p class="complaint" role="alert">
    This could not be loaded. Try again when the server is in reach, or reload the page.
  </p>
);

interface DialogProps {
  readonly onClose: () => void;
}

export const signInDialog = lateComponent<DialogProps>(
  async () => (await import("./sign-in-dialog.tsx")).SignInDialog,
  <div class="toasts">{NO_DIALOG}</div>,
);

export const signOutDialog = lateComponent<DialogProps>(
  async () => (await import("./sign-out-dialog.tsx")).SignOutDialog,
  NO_DIALOG,
);

export const clearDialog = lateComponent<DialogProps>(
  async () => (await import("./clear-dialog.tsx")).ClearDialog,
  NO_DIALOG,
);

/** Fetches all of it when nothing else waits for the line, so that it opens without one later. Never rejects. */
export async function preloadLateComponents(): Promise<void> {
  const late = [streamsPanel, searchBar, signInDialog, signOutDialog, clearDialog];
  await Promise.all([loadSearchMarks(), ...late.map((component) => component.preload())]);
}
