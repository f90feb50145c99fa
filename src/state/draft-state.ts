import { batch, signal, type ReadonlySignal } from "@preact/signals";

export interface DraftSignals {
  readonly text: ReadonlySignal<string>;
  /** In words, why what is written can't be sent. */
  readonly complaint: ReadonlySignal<string | undefined>;
}

/** What stands in the composer of the session being viewed. */
export interface DraftState extends DraftSignals {
  setText(text: string): void;
  setComplaint(words: string | undefined): void;
}

export function createDraftState(): DraftState {
  const text = signal("");
  const complaint = signal<string | undefined>(undefined);
  return {
    text,
    complaint,
    setText(news) {
      batch(() => {
        text.value = news;
        complaint.value = undefined;
      });
    },
    setComplaint(words) {
      complaint.value = words;
    },
  };
}
