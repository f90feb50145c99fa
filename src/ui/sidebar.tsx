import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Theme } from "../state/shell-state.ts";
import { useApp } from "./app-context.ts";
import { Icon } from "./icons.tsx";
import { clearDialog, signOutDialog } from "./late-components.tsx";
import { Menu, type MenuItem } from "./menu.tsx";
import { isPlainClick } from "./plain-click.ts";
import { SessionRowItem, type SessionRowProps } from "./session-row.tsx";
import { useHeldOrder } from "./use-held-order.ts";
import { useIsNarrow } from "./use-is-narrow.ts";

const THEMES: readonly { readonly theme: Theme; readonly label: string }[] = [
  { theme: "system", label: "Theme: as the system" },
  { theme: "light", label: "Theme: light" },
  { theme: "dark", label: "Theme: dark" },
];

/** The list of sessions; a drawer where the window is narrow. */
export function Sidebar(): JSX.Element {
  const { state, actions } = useApp();
  const isNarrow = useIsNarrow();
  const isOpen = state.shell.isDrawerOpen.value;
  const drawer = useRef<HTMLElement>(null);
  const wasOpen = useRef(false);

  useEffect(() => {
    if (!isNarrow) return undefined;
    if (isOpen) {
      wasOpen.current = true;
      drawer.current?.querySelector<HTMLElement>("button")?.focus();
    } else if (wasOpen.current) {
      wasOpen.current = false;
      // Not remembered but named: what lies behind an open drawer is inert, and loses the focus before it can be asked.
      document.querySelector<HTMLElement>(".drawer-button")?.focus();
    }
    return undefined;
  }, [isOpen, isNarrow]);

  useEffect(() => {
    if (!isNarrow || !isOpen) return undefined;
    const onKeyDown = (event: KeyboardEvent): void => {
      // A menu or dialog above it takes Escape first.
      if (event.key === "Escape" && document.querySelector(":popover-open, dialog[open]") === null) {
        actions.setDrawerOpen(false);
      }
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [isOpen, isNarrow]);

  return (
    <>
      {isNarrow && isOpen && (
        <div class="scrim" onClick={() => actions.setDrawerOpen(false)} aria-hidden="true" />
      )}
      <nav ref={drawer} class="sidebar" aria-label="Sessions" data-open={isOpen} inert={isNarrow && !isOpen}>
        <div class="sidebar-head">
          <a
            class="brand"
            href="/"
            aria-label="Holdfast, start page"
            onClick={(event) => {
              if (!isPlainClick(event)) return;
              event.preventDefault();
              actions.openNewSession();
            }}
          >
            <img src="/icon.svg" alt="" width="22" height="22" />
            Holdfast
          </a>
          {isNarrow && (
            <button
              type="button"
              class="icon-button"
              aria-label="Close menu"
              onClick={() => actions.setDrawerOpen(false)}
            >
              <Icon name="close" />
            </button>
          )}
        </div>
        <button type="button" class="new-session" onClick={() => actions.openNewSession()}>
          <Icon name="plus" />
          New session
        </button>
        <SearchField />
        <SessionList />
        <SidebarFoot />
      </nav>
    </>
  );
}

function SearchField(): JSX.Element {
  const { state, actions } = useApp();
  return (
    <label class="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label="Search titles"
        placeholder="Search"
        autocomplete="off"
        value={state.list.search.value}
        onInput={(event) => actions.setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") actions.setSearch("");
        }}
      />
    </label>
  );
}

function SessionList(): JSX.Element {
  const { state } = useApp();
  const [rows, holdOrder] = useHeldOrder(state.list.shownRows.value);
  const current = state.shell.route.value;
  const isSearching = state.list.search.value.trim() !== "";
  const isArchive = state.list.isShowingArchived.value;
  if (rows.length === 0) {
    const words = isSearching
      ? "Nothing by that title."
      : isArchive
        ? "The archive is empty."
        : state.list.isKnown.value
          ? "What you start appears here."
          : "";
    return <p class="list-empty">{words}</p>;
  }
  return (
    <ul class="session-list" onPointerDown={holdOrder}>
      {rows.map((row) => (
        <KeptRow
          key={row.id}
          row={row}
          isCurrent={current.kind === "session" && current.session === row.id}
        />
      ))}
    </ul>
  );
}

/** A row that is as it was is not drawn again: another session changes two of them. */
function KeptRow({ row, isCurrent }: SessionRowProps): JSX.Element {
  return useMemo(() => <SessionRowItem row={row} isCurrent={isCurrent} />, [row, isCurrent]);
}

function SidebarFoot(): JSX.Element {
  const { state, actions } = useApp();
  const [isSigningOut, setSigningOut] = useState(false);
  const [isClearing, setClearing] = useState(false);
  const isArchive = state.list.isShowingArchived.value;
  const items: MenuItem[] = [
    ...THEMES.map(({ theme, label }) => ({
      label,
      isChecked: state.shell.theme.value === theme,
      run: () => actions.setTheme(theme),
    })),
    ...(state.shell.hasSignOut.value && !state.connection.isSignedOut.value
      ? [{ label: "Sign out…", run: () => setSigningOut(true) }]
      : []),
    { label: "Clear this browser…", run: () => setClearing(true) },
  ];
  return (
    <div class="sidebar-foot">
      <button
        type="button"
        class="quiet-button"
        aria-pressed={isArchive}
        onClick={() => actions.setShowingArchived(!isArchive)}
      >
        {isArchive ? "Back to all" : `Archive${countWords(state.list.archivedCount.value)}`}
      </button>
      <Menu icon="gear" label="Settings" items={items} />
      {isSigningOut && <signOutDialog.Component onClose={() => setSigningOut(false)} />}
      {isClearing && <clearDialog.Component onClose={() => setClearing(false)} />}
    </div>
  );
}

function countWords(count: number): string {
  return count === 0 ? "" : ` (${count})`;
}
