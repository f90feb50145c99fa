import type { Reporter } from "../src/backend/ports.ts";

/** One line per report on stderr. Of an error its message and stack, never the request that led to it. */
export const stderrReporter: Reporter = {
  warn(message, detail) {
    const rest =
      detail === undefined
        ? ""
        : `: ${detail instanceof Error ? (detail.stack ?? detail.message) : String(detail)}`;
    process.stderr.write(`${new Date().toISOString()} ${message}${rest}\n`);
  },
};
