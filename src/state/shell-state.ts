import { batch, signal, type ReadonlySignal } from "@preact/signals";
import type { SessionId } from "../protocol/ids.ts";
import type { StreamReport } from "../streaming/core-types.ts";
import type { MeasureReport } from "../streaming/measures.ts";

/** Which page is shown. */
export type Route =
  | { readonly kind: "new" }
  | { readonly kind: "session"; readonly session: SessionId }
  | { readonly kind: "unknown"; readonly path: string };

export type Theme = "system" | "light" | "dark";

/** Something a person should know once. */
export interface Notice {
  readonly id: string;
  readonly text: string;
  readonly action: "reload" | undefined;
}

/** A deletion that can still be undone. */
export interface UndoOffer {
  readonly session: SessionId;
  readonly title: string;
}

export interface ShellSignals {
  readonly route: ReadonlySignal<Route>;
  readonly theme: ReadonlySignal<Theme>;
  readonly isDrawerOpen: ReadonlySignal<boolean>;
  readonly isStreamsOpen: ReadonlySignal<boolean>;
  readonly isSignInOpen: ReadonlySignal<boolean>;
  /** Whether the server asks for a password, so that signing out makes sense. */
  readonly hasSignOut: ReadonlySignal<boolean>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  readonly undo: ReadonlySignal<UndoOffer | undefined>;
  /** What just went wrong, in words; goes by itself. */
  readonly toast: ReadonlySignal<string | undefined>;
  /** What a screen reader is told; a new object each time, so that the same words are told again. */
  readonly announcement: ReadonlySignal<{ readonly text: string }>;
  readonly streams: ReadonlySignal<readonly StreamReport[]>;
  /** What the app took for what, for the streams panel. */
  readonly measures: ReadonlySignal<readonly MeasureReport[]>;
  /** The wall clock, moved once a minute while visible: for relative times. */
  readonly minuteMs: ReadonlySignal<number>;
}

export interface ShellState extends ShellSignals {
  setRoute(route: Route): void;
  setTheme(theme: Theme): void;
  setDrawerOpen(isOpen: boolean): void;
  setStreamsOpen(isOpen: boolean): void;
  setSignInOpen(isOpen: boolean): void;
  setHasSignOut(hasSignOut: boolean): void;
  /** Says it once: a notice with the same id is not added again, not even after it was dismissed. */
  addNotice(notice: Notice): void;
  dismissNotice(id: string): void;
  setUndo(offer: UndoOffer | undefined): void;
  setToast(text: string | undefined): void;
  announce(text: string): void;
  setStreams(report: readonly StreamReport[], measures: readonly MeasureReport[]): void;
  setMinute(nowMs: number): void;
}

export function createShellState(): ShellState {
  const route = signal<Route>({ kind: "new" });
  const theme = signal<Theme>("system");
  const isDrawerOpen = signal(false);
  const isStreamsOpen = signal(false);
  const isSignInOpen = signal(false);
  const hasSignOut = signal(false);
  const notices = signal<readonly Notice[]>([]);
  const undo = signal<UndoOffer | undefined>(undefined);
  const toast = signal<string | undefined>(undefined);
  const announcement = signal({ text: "" });
  const streams = signal<readonly StreamReport[]>([]);
  const measures = signal<readonly MeasureReport[]>([]);
  const minuteMs = signal(0);
  const said = new Set<string>();
  return {
    route,
    theme,
    isDrawerOpen,
    isStreamsOpen,
    isSignInOpen,
    hasSignOut,
    notices,
    undo,
    toast,
    announcement,
    streams,
    measures,
    minuteMs,
    setRoute(news) {
      batch(() => {
        route.value = news;
        isDrawerOpen.value = false;
      });
    },
    setTheme(news) {
      theme.value = news;
    },
    setDrawerOpen(isOpen) {
      isDrawerOpen.value = isOpen;
    },
    setStreamsOpen(isOpen) {
      isStreamsOpen.value = isOpen;
    },
    setSignInOpen(isOpen) {
      isSignInOpen.value = isOpen;
    },
    setHasSignOut(has) {
      hasSignOut.value = has;
    },
    addNotice(notice) {
      if (said.has(notice.id)) return;
      said.add(notice.id);
      notices.value = [...notices.peek(), notice];
    },
    dismissNotice(id) {
      notices.value = notices.peek().filter((notice) => notice.id !== id);
    },
    setUndo(offer) {
      undo.value = offer;
    },
    setToast(text) {
      toast.value = text;
    },
    announce(text) {
      announcement.value = { text };
    },
    setStreams(report, took) {
      batch(() => {
        streams.value = report;
        measures.value = took;
      });
    },
    setMinute(nowMs) {
      minuteMs.value = nowMs;
    },
  };
}
