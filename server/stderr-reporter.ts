import { inspect } from "node:util";
import type { Reporter } from "../src/backend/ports.ts";

/** One report after the other on stderr. Of an error its stack, never the request that led to it. */
export const stderrReporter: Reporter = {
  warn(message, detail) {
    const rest = detail === undefined ? "" : `: ${describe(detail)}`;
    process.stderr.write(`${new Date().toISOString()} ${message}${rest}\n`);
  },
};

function describe(detail: unknown): string {
  if (detail instanceof Error) return detail.stack ?? detail.message;
  return typeof detail === "string" ? detail : inspect(detail, { depth: 2, breakLength: Infinity });
}
