import type { Holdfast, LoggedTurn } from "../support/holdfast-process.ts";
import { placeOf, type DrivenTab } from "./app-tab.ts";
import type { FaultBrowser } from "./fault-browser.ts";
import type { AppTab, Stage } from "./stage.ts";

/** What a scenario has done so far. */
export interface StageRecord {
  /** Those that are there: not closed, crashed, or gone with their browser. */
  tabs: readonly DrivenTab[];
  /** What was sent, by session, in order. */
  readonly sent: Map<string, readonly string[]>;
  /** What was typed and not sent, by session or "new": the last one counts, wherever it was typed. */
  readonly drafts: Map<string, { readonly text: string; readonly by: AppTab }>;
}

/** Turns that were begun before the end of a fault end by then. Unit: ms. */
const TURNS_LIMIT_MS = 40_000;

/** Once nothing breaks any more, a page that is looked at is whole again by then. Unit: ms. */
const WHOLE_LIMIT_MS = 20_000;

/** The invariant of all scenarios: transcript equals log, every send runs once, no draft is lost, the indicator says what is. */
export async function verifyStage(
  server: Holdfast,
  browser: FaultBrowser,
  record: StageRecord,
  until: Stage["until"],
): Promise<void> {
  const logs = new Map<string, readonly LoggedTurn[]>();
  for (const [session, sent] of record.sent) {
    // oxlint-disable-next-line no-await-in-loop -- one session after the other: the first failure tells most
    const log = await verifyLog(server, session, sent, until);
    if (log !== undefined) logs.set(session, log);
  }
  const shown = new Set<string>();
  for (const tab of record.tabs) {
    // oxlint-disable-next-line no-await-in-loop -- only the tab in front is looked at
    shown.add(await verifyTab(tab, browser, record, logs, until));
  }
  const [first] = record.tabs;
  for (const session of logs.keys()) {
    if (first === undefined || shown.has(session)) continue;
    // oxlint-disable-next-line no-await-in-loop -- one session after the other, as a person looks at them
    await first.switchTo(session);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await verifyTab(first, browser, record, logs, until);
  }
}

/** Undefined: the session is gone, and nothing is to be said about it. */
async function verifyLog(
  server: Holdfast,
  session: string,
  sent: readonly string[],
  until: Stage["until"],
): Promise<readonly LoggedTurn[] | undefined> {
  let log: readonly LoggedTurn[] | undefined;
  let seen = "";
  const wanted = sent.toSorted();
  try {
    await until(
      `every send of session ${session} is in the log once, and every turn has ended`,
      async () => {
        log = undefined;
        if (!(await server.has(session))) return false;
        log = await server.logTexts(session);
        // A turn that goes on with another one's answer has no words of its own.
        const messages = log.map((turn) => turn.message).filter((message) => message !== "");
        seen = JSON.stringify(log.map(({ message, outcome }) => ({ message, outcome })));
        return isEqual(messages.toSorted(), wanted) && log.every((turn) => turn.outcome !== undefined);
      },
      TURNS_LIMIT_MS,
    );
  } catch (error) {
    throw new Error(`Sent: ${JSON.stringify(sent)}. In the log: ${seen}.`, { cause: error });
  }
  return log;
}

/** Answers which session the tab shows, or "new". */
async function verifyTab(
  tab: DrivenTab,
  browser: FaultBrowser,
  record: StageRecord,
  logs: ReadonlyMap<string, readonly LoggedTurn[]>,
  until: Stage["until"],
): Promise<string> {
  if (browser.whyNot("hide") === undefined) await tab.tab.show();
  const { path } = await tab.read();
  const place = placeOf(path);
  const log = logs.get(place);
  if (log !== undefined) {
    const answers = log.map((turn) => turn.text.replaceAll(/\s+/g, " ").trim());
    const messages = log
      .map((turn) => turn.message.replaceAll(/\s+/g, " ").trim())
      .filter((text) => text !== "");
    const wanted = JSON.stringify({ answers, messages }).slice(0, 4_000);
    await until(
      `the transcript equals the log, which says ${wanted}`,
      async () => {
        const page = await tab.read();
        const isWhole = !page.hasEarlier;
        return (
          page.waiting === 0 &&
          isEqual(page.answers, isWhole ? answers : answers.slice(-page.answers.length)) &&
          isEqual(page.messages, isWhole ? messages : messages.slice(-page.messages.length))
        );
      },
      WHOLE_LIMIT_MS,
    );
  }
  const draft = record.drafts.get(place);
  // A tab that was open beside the one that was typed in may show what it had.
  const isBound = draft !== undefined && (draft.by === tab || !record.tabs.includes(draft.by as DrivenTab));
  if (isBound) {
    await until(`the draft ${JSON.stringify(draft.text)} is in the composer`, async () => {
      return (await tab.composerText()) === draft.text;
    });
  }
  await until(
    "the indicator says Live, or Polling beyond four tabs",
    async () => /^(?:Live|Polling)/.test(await tab.connection()),
    WHOLE_LIMIT_MS,
  );
  return place;
}

function isEqual(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}
