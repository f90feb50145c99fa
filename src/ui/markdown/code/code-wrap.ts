/** Whether long lines of code are wrapped: what was chosen last holds for every block that is shown from then on. */
export interface CodeWrap {
  isOn(): boolean;
  set(isOn: boolean): void;
}

const KEY = "holdfast:code-wrap";

/** Kept on this device; where storage is refused, as long as the page. */
export function createCodeWrap(storage: () => Storage): CodeWrap {
  let isOn: boolean | undefined;
  return {
    isOn() {
      isOn ??= read(storage);
      return isOn;
    },
    set(next) {
      isOn = next;
      try {
        storage().setItem(KEY, next ? "on" : "off");
      } catch {
        // Full or refused: it holds for this page, and nothing is lost.
      }
    },
  };
}

function read(storage: () => Storage): boolean {
  try {
    return storage().getItem(KEY) === "on";
  } catch {
    return false;
  }
}
