/** How a text was kept. `refused`: no localStorage here, or no space in it. */
export type LocalOutcome = "kept" | "refused";

/** localStorage that never throws: it is missing, blocked or full in more browsers than one would think. */
export interface LocalText {
  get(key: string): string | undefined;
  set(key: string, text: string): LocalOutcome;
  remove(key: string): void;
  keys(prefix: string): readonly string[];
}

/** @param getStorage may throw: with site data blocked, the mere access does. */
export function createLocalText(getStorage: () => Storage = () => localStorage): LocalText {
  function attempt<Value>(work: (storage: Storage) => Value, otherwise: Value): Value {
    try {
      return work(getStorage());
    } catch {
      // SecurityError, QuotaExceededError, or no localStorage at all: all the same to a caller that has another copy.
      return otherwise;
    }
  }

  return {
    get: (key) => attempt((storage) => storage.getItem(key) ?? undefined, undefined),
    set: (key, text) =>
      attempt<LocalOutcome>((storage) => {
        storage.setItem(key, text);
        return "kept";
      }, "refused"),
    remove: (key) => attempt((storage) => storage.removeItem(key), undefined),
    keys: (prefix) =>
      attempt((storage) => {
        const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
        return keys.filter((key) => key !== null && key.startsWith(prefix)).filter((key) => key !== null);
      }, []),
  };
}
