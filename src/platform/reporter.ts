import type { Reporter } from "../streaming/ports.ts";

/** The part of `console` that is used. */
export interface WarningSink {
  warn(...data: unknown[]): void;
}

/** One message is written at most this often: a failing disk must not fill the console at every token. */
const MAX_REPEATS = 20;

/** Tells developers through the console. Never throws; repeats of a message beyond 20 are left out. */
export function createReporter(sink: WarningSink = console): Reporter {
  const seen = new Map<string, number>();
  return {
    warn(message, detail) {
      const count = (seen.get(message) ?? 0) + 1;
      seen.set(message, count);
      if (count > MAX_REPEATS) return;
      const text = count === MAX_REPEATS ? `${message} (further ones are left out)` : message;
      if (detail === undefined) sink.warn(text);
      else sink.warn(text, detail);
    },
  };
}
