import { err } from "../protocol/result.ts";
import type { ApiAnswer, Reporter } from "./ports.ts";

/** Waits for an answer; a rejection (a bug at the edge) counts as unreachable, so that a stream never hangs on it. */
export async function ask<Value>(reporter: Reporter, request: () => ApiAnswer<Value>): ApiAnswer<Value> {
  try {
    return await request();
  } catch (error) {
    reporter.warn("a request failed in a way that it should not", error);
    return err({ kind: "unreachable", message: "The server could not be reached. Trying again." });
  }
}
