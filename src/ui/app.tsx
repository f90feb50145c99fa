import { useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { AppHandleContext, useApp, type AppHandle } from "./app-context.ts";
import { signInDialog, streamsPanel } from "./late-components.tsx";
import { MainPage } from "./main-page.tsx";
import { Announcer, Toasts } from "./messages-to-person.tsx";
import { Sidebar } from "./sidebar.tsx";
import { useKeyboardInset } from "./use-keyboard-inset.ts";
import { useIsNarrow } from "./use-is-narrow.ts";

export function App({ handle }: { readonly handle: AppHandle }): JSX.Element {
  return (
    <AppHandleContext.Provider value={handle}>
      <Shell />
    </AppHandleContext.Provider>
  );
}

function Shell(): JSX.Element {
  const { state, actions } = useApp();
  const isNarrow = useIsNarrow();
  const isStreamsOpen = state.shell.isStreamsOpen.value;
  useDocumentTitle();
  useTheme();
  useKeyboardInset();
  return (
    <div class="shell" data-streams={isStreamsOpen}>
      <Sidebar />
      {/* Behind an open drawer nothing is in reach of the keyboard. */}
      <div class="shell-main" inert={isNarrow && state.shell.isDrawerOpen.value}>
        <MainPage />
        {isStreamsOpen && <streamsPanel.Component />}
      </div>
      <Toasts />
      <Announcer />
      {state.shell.isSignInOpen.value && (
        <signInDialog.Component onClose={() => actions.setSignInOpen(false)} />
      )}
    </div>
  );
}

function useDocumentTitle(): void {
  const { state } = useApp();
  useSignalEffect(() => {
    const route = state.shell.route.value;
    const row =
      route.kind === "session"
        ? state.list.rows.value.find((candidate) => candidate.id === route.session)
        : undefined;
    document.title = row === undefined ? "Holdfast" : `${row.title} · Holdfast`;
  });
}

function useTheme(): void {
  const { state } = useApp();
  useSignalEffect(() => {
    const theme = state.shell.theme.value;
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  });
}
