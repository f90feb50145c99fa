import type { Page, PageEvent } from "../../src/streaming/ports.ts";

/** A page whose visibility and network a test decides. */
export interface FakePage extends Page {
  emit(event: PageEvent): void;
  hide(): void;
  show(): void;
  setOnline(isOnline: boolean): void;
  /** Changes the fact without the event, as iOS does on resume. */
  setOnlineSilently(isOnline: boolean): void;
  setHiddenSilently(isHidden: boolean): void;
}

export function createFakePage(): FakePage {
  const listeners = new Set<(event: PageEvent) => void>();
  let isHidden = false;
  let isOnline = true;
  const emit = (event: PageEvent): void => {
    for (const listener of listeners) listener(event);
  };
  return {
    isHidden: () => isHidden,
    isOnline: () => isOnline,
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    emit,
    hide() {
      isHidden = true;
      emit("hidden");
    },
    show() {
      isHidden = false;
      emit("visible");
    },
    setOnline(value) {
      isOnline = value;
      emit(value ? "online" : "offline");
    },
    setOnlineSilently(value) {
      isOnline = value;
    },
    setHiddenSilently(value) {
      isHidden = value;
    },
  };
}
