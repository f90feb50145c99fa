import type { AppTab, Stage } from "./stage.ts";

/** Coming back, a page is current by then, so that nobody sees it being behind. Unit: ms. */
export const BACK_LIMIT_MS = 1_000;

const squeeze = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

/**
 * Waits until the tab shows what the log says now of the session's last answer, or more. Answers how long that took,
 * the reading of the log counted in. Unit: ms. Fails `limitMs` after the log was read.
 */
export async function untilCurrent(
  stage: Stage,
  app: AppTab,
  session: string,
  limitMs: number = BACK_LIMIT_MS,
): Promise<number> {
  const begunMs = performance.now();
  const log = await stage.server.logTexts(session);
  const wanted = squeeze(log.at(-1)?.text ?? "");
  await stage.until(
    `${wanted.length} characters of the log are shown`,
    async () => ((await app.answers()).at(-1) ?? "").startsWith(wanted),
    limitMs,
  );
  return Math.round(performance.now() - begunMs);
}

/** Waits until the session's last answer shows `text`. */
export async function untilShown(stage: Stage, app: AppTab, text: string, limitMs?: number): Promise<void> {
  await stage.until(
    `the last answer says "${text}"`,
    async () => ((await app.answers()).at(-1) ?? "").includes(text),
    limitMs,
  );
}

/** Lets time pass that is itself the fault: so long hidden, frozen, away. */
export async function letPass(stage: Stage, what: string, ms: number): Promise<void> {
  const begunMs = performance.now();
  await stage.until(what, () => performance.now() - begunMs >= ms, ms + 5_000);
}
