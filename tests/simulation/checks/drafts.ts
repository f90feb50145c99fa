import { localKeys, recordKeys } from "../../../src/persistence/keys.ts";
import type { Life, Tab } from "../world/tab.ts";
import { Violation } from "../world/violation.ts";
import { wasEverDeleted, type World } from "../world/world.ts";

/** What was typed longer ago than this is kept, whatever happens to the page. Unit: ms. */
const KEPT_AFTER_MS = 300;

/** The document is gone: what it was last told to keep must be found by the next one. */
export function checkDraftsSurvive(world: World, tab: Tab, life: Life, how: string): void {
  const { typed } = life;
  if (typed === undefined || isExcused(world, tab, typed)) return;
  // What was typed just before the device stopped the page could not be kept by it.
  const { fromMs, toMs = world.time.now() } = life.loop.ran;
  if (toMs - Math.max(typed.atMs, fromMs) < KEPT_AFTER_MS) return;
  const kept = keptDrafts(world, typed.key);
  if (kept.some((text) => isOrLater(text, typed.text))) return;
  world.complain(
    new Violation(
      "drafts",
      `tab ${tab.number} was ${how} ${world.time.now() - typed.atMs} ms after "${typed.text}" was typed, and it is kept nowhere (kept: ${JSON.stringify(kept)})`,
    ),
  );
}

/** What stands in the composer is what was typed there. */
export function checkComposer(world: World, tab: Tab, life: Life): void {
  const shownText = life.app.state.draft.text.peek();
  const viewed = life.core.viewed();
  // A page killed before its outbox had answered leaves the words in both places: rather twice than lost.
  // Taken back, they may have been sent from another tab's composer of the same draft.
  const isOwn = world.sent.findLast((message) => message.text === shownText)?.life === life;
  const isOnItsWay =
    isOwn &&
    life.engine.outbox
      .entries()
      .some((entry) => entry.kind === "send" && entry.session === viewed && entry.body.text === shownText);
  if (isOnItsWay) {
    world.complain(
      new Violation(
        "drafts",
        `tab ${tab.number} shows "${shownText}" in the composer, which is on its way already`,
      ),
    );
  }
  const { typed } = life;
  if (typed === undefined || (life.core.viewed() ?? "new") !== typed.key || isExcused(world, tab, typed))
    return;
  const shown = life.app.state.draft.text.peek();
  if (shown.includes(typed.text) || isOrLater(shown, typed.text)) return;
  world.complain(
    new Violation(
      "drafts",
      `tab ${tab.number} shows "${shown}" in the composer where "${typed.text}" was typed`,
    ),
  );
}

type Typed = NonNullable<Life["typed"]>;

function isExcused(world: World, tab: Tab, typed: Typed): boolean {
  if (world.browser.storage.isFull || wasEverDeleted(world, typed.key)) return true;
  for (const other of world.typed) {
    if (other.tab === tab.number || other.key !== typed.key) continue;
    // No clock of milliseconds can tell which of two tabs typed later in one and the same, and no person types in both.
    if (other.atMs === typed.atMs) return true;
    // Words that were taken back there have an older number, and are the last writer's; what is not kept yet joins them not.
    if (other.isTakenBack === true && other.atMs > typed.atMs - KEPT_AFTER_MS) return true;
  }
  // Another tab wrote there later: the last writer wins.
  return world.sent.some(
    (message) =>
      message.tab !== tab.number &&
      message.atMs >= typed.atMs &&
      (message.session === typed.key || typed.key === "new"),
  );
}

export function keptDrafts(world: World, key: Typed["key"]): readonly string[] {
  const { storage, disk } = world.browser;
  const local = storage.texts.get(localKeys.draft(key));
  const record = disk.records.get(recordKeys.draft(key));
  const texts: string[] = [];
  for (const draft of [local === undefined ? undefined : (JSON.parse(local) as unknown), record]) {
    if (typeof draft === "object" && draft !== null && "text" in draft && typeof draft.text === "string") {
      texts.push(draft.text);
    }
  }
  return texts;
}

/** What is typed is numbered: a later one, of whichever tab, takes the place of an earlier one. */
function isOrLater(text: string, typed: string): boolean {
  if (text.includes(typed)) return true;
  const number = Number(typed.slice(1));
  return [...text.matchAll(/[DQ](\d+)/g)].some((found) => Number(found[1]) > number);
}
