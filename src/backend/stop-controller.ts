import type { StopSignal } from "./ports.ts";

/** What `AbortController` is in a world without a DOM: one signal, told once. */
export class StopController {
  readonly signal: StopSignal;
  readonly #listeners = new Set<() => void>();
  #isAborted = false;

  constructor() {
    const isAborted = (): boolean => this.#isAborted;
    const listeners = this.#listeners;
    this.signal = {
      get aborted() {
        return isAborted();
      },
      addEventListener(_type, listener) {
        listeners.add(listener);
      },
      removeEventListener(_type, listener) {
        listeners.delete(listener);
      },
    };
  }

  /** Idempotent. Listeners are told at once. */
  abort(): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
