import { isApi, isStream } from "../support/gateway-rules.ts";
import { BrokenClaimError } from "./broken-claim-error.ts";
import type { AppTab, Stage } from "./stage.ts";

/** Steps that many scenarios take. */

/** What the demo agent answers to `count n`. */
export function countText(n: number): string {
  return Array.from({ length: n }, (_, index) => String(index + 1)).join(" ");
}

/** The last answer has come to the number `n`, and further. */
export function untilCounted(stage: Stage, app: AppTab, n: number, limitMs?: number): Promise<void> {
  return stage.until(
    `the answer has come to ${n}`,
    async () => `${(await app.answers()).at(-1) ?? ""} `.includes(` ${n} `),
    limitMs,
  );
}

export function untilConnection(stage: Stage, app: AppTab, words: RegExp, limitMs?: number): Promise<void> {
  return stage.until(
    `the indicator says ${words.source}`,
    async () => words.test(await app.connection()),
    limitMs,
  );
}

export const LIVE = /^Live/;
/** What the indicator may say while nothing comes from the server. */
export const NOT_LIVE = /^(?:Reconnecting|Offline|Catching up)/;

/** Streams that were asked for since `sinceMs` (`performance.now()`). */
export function streamsSince(stage: Stage, sinceMs = 0): number {
  return stage.gateway.count(isStream, sinceMs);
}

/** Event sources made and requests begun, as the page has counted them. */
export function madeRequests(app: AppTab): Promise<{ readonly sources: number; readonly fetches: number }> {
  return app.tab.evaluate(() => {
    const count = (name: string): number => Number(Reflect.get(window, name));
    return { sources: count("madeSources"), fetches: count("madeFetches") };
  }, undefined);
}

export function apiRequestsSince(stage: Stage, sinceMs = 0): number {
  return stage.gateway.count(isApi, sinceMs);
}

/** Fails unless `ms` is within the bound; keeps it for the report. */
export function expectWithin(stage: Stage, what: string, ms: number, limitMs: number): void {
  stage.note?.(`${what}: ${Math.round(ms)} ms of ${limitMs}`);
  if (ms > limitMs) throw new Error(`${what} took ${Math.round(ms)} ms; the bound is ${limitMs} ms.`);
}

/** Fails with `what` unless it is so; within `until` too, for good. */
export function expectThat(isSo: boolean, what: string): void {
  if (!isSo) throw new BrokenClaimError(what);
}

/** Watches for so long that `check` never stops holding. Unit: ms. */
export async function untilHasHeld(
  stage: Stage,
  what: string,
  forMs: number,
  check: () => boolean | Promise<boolean>,
): Promise<void> {
  const begunMs = performance.now();
  await stage.until(
    `${what}, for ${forMs} ms`,
    async () => {
      expectThat(await check(), what);
      return performance.now() - begunMs >= forMs;
    },
    forMs + 5_000,
  );
}
