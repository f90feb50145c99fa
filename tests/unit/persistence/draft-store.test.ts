import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import { createDraftStore, DRAFT_DELAY_MS, type DraftStore } from "../../../src/persistence/draft-store.ts";
import { localKeys, recordKeys } from "../../../src/persistence/keys.ts";
import { sessionId } from "../../support/wire-samples.ts";
import {
  createBroadcastHub,
  createFakeTab,
  FakeStorage,
  resetIndexedDb,
  settle,
  StorageEventLike,
  type FakeTab,
} from "./browser-fakes.ts";

beforeEach(resetIndexedDb);

const SID = sessionId(1);

function draftsOf(tab: FakeTab): DraftStore {
  const { records, local, channel, clock, page, reporter, told } = tab;
  return createDraftStore({
    records,
    local,
    channel,
    clock,
    page,
    reporter,
    notify: (message) => void told.push(message),
  });
}

const textOf = (storage: FakeStorage): string | null => storage.getItem(localKeys.draft(SID));

test("a draft is kept 150 ms after the last key at the latest, without another event", () => {
  const tab = createFakeTab();
  const drafts = draftsOf(tab);
  drafts.edit(SID, "h");
  tab.clock.advance(100);
  drafts.edit(SID, "he");
  expect(textOf(tab.storage)).toBeNull();
  tab.clock.advance(DRAFT_DELAY_MS - 100);
  // The first key's timer keeps what is there by then: going on typing does not put it off.
  expect(textOf(tab.storage)).toContain('"he"');
  drafts.edit(SID, "hel");
  tab.clock.advance(DRAFT_DELAY_MS);
  expect(textOf(tab.storage)).toContain('"hel"');
});

test.each(["hidden", "pagehide", "freeze"] as const)("%s keeps a draft at once, synchronously", (event) => {
  const tab = createFakeTab();
  draftsOf(tab).edit(SID, "hello");
  tab.page.fire(event);
  expect(textOf(tab.storage)).toContain("hello");
});

test("a draft survives without localStorage", async () => {
  const tab = createFakeTab();
  draftsOf(tab).edit(SID, "hello");
  tab.clock.advance(DRAFT_DELAY_MS);
  await tab.records.read([recordKeys.draft(SID)]);
  expect((await draftsOf(createFakeTab()).load(SID))?.text).toBe("hello");
});

test("the newer of two copies counts, whichever place it is in", async () => {
  const storage = new FakeStorage();
  const first = createFakeTab({ storage });
  draftsOf(first).edit(SID, "on disk and in localStorage");
  first.clock.advance(DRAFT_DELAY_MS);
  await first.records.read([]);
  storage.setItem(localKeys.draft(SID), JSON.stringify({ text: "newer", atMs: 9_000_000 }));
  expect((await draftsOf(createFakeTab({ storage })).load(SID))?.text).toBe("newer");
  storage.setItem(localKeys.draft(SID), JSON.stringify({ text: "older", atMs: 1 }));
  expect((await draftsOf(createFakeTab({ storage })).load(SID))?.text).toBe("on disk and in localStorage");
});

test("when a draft was written is known of either copy", async () => {
  const tab = createFakeTab();
  const atMs = tab.clock.now();
  draftsOf(tab).edit(SID, "hello");
  tab.clock.advance(DRAFT_DELAY_MS);
  await tab.records.read([recordKeys.draft(SID)]);
  expect(draftsOf(tab).writtenAtMs(SID)).toBe(atMs);
  // Without localStorage only the disk tells.
  const next = draftsOf(createFakeTab());
  expect(next.writtenAtMs(SID)).toBeUndefined();
  await next.load(SID);
  expect(next.writtenAtMs(SID)).toBe(atMs);
});

test("a sent draft does not come back out of an older copy", async () => {
  const storage = new FakeStorage();
  const tab = createFakeTab({ storage });
  const drafts = draftsOf(tab);
  drafts.edit(SID, "hello");
  tab.clock.advance(DRAFT_DELAY_MS);
  await tab.records.read([]);
  tab.page.fire("pagehide");
  drafts.clear(SID);
  expect(drafts.peek(SID)).toBeUndefined();
  await settle(() => false, 5);
  // The disk refused the write while leaving and still has the text.
  expect(await draftsOf(createFakeTab({ storage })).load(SID)).toBeUndefined();
});

test("the draft of a deleted session is gone from both places", async () => {
  const storage = new FakeStorage();
  const drafts = draftsOf(createFakeTab({ storage }));
  drafts.edit(SID, "hello");
  drafts.flush();
  drafts.edit(SID, "hello again");
  await drafts.drop(SID);
  drafts.flush();
  expect(textOf(storage)).toBeNull();
  expect(await draftsOf(createFakeTab({ storage })).load(SID)).toBeUndefined();
});

test("drafts of sessions are kept apart", () => {
  const tab = createFakeTab();
  const drafts = draftsOf(tab);
  drafts.edit(SID, "one");
  drafts.edit(sessionId(2), "two");
  drafts.edit("new", "three");
  drafts.flush();
  const again = draftsOf(createFakeTab({ storage: tab.storage }));
  expect([again.peek(SID)?.text, again.peek(sessionId(2))?.text, again.peek("new")?.text]).toEqual([
    "one",
    "two",
    "three",
  ]);
});

/** Tabs of one browser. What one writes to localStorage the others are told of by `told`, as an engine does. */
function twoTabs(storage = new FakeStorage()) {
  const hub = createBroadcastHub();
  const [here, there] = [createFakeTab({ storage, hub }), createFakeTab({ storage, hub })];
  const [ours, theirs] = [draftsOf(here), draftsOf(there)];
  const tell = (tab: FakeTab): void => {
    tab.window.dispatchEvent(new StorageEventLike(localKeys.draft(SID)));
  };
  const typed = (): void => {
    ours.edit(SID, "ours");
    ours.flush();
    tell(there);
    theirs.edit(SID, "theirs");
    theirs.flush();
    tell(here);
  };
  return { storage, here, there, ours, theirs, tell, typed };
}

test("when two tabs type, each keeps its own text on screen, and the newest is found after a reload", async () => {
  const { storage, ours, theirs, typed, here } = twoTabs();
  const heard: string[] = [];
  ours.subscribe((key) => void heard.push(key));
  typed();
  expect(heard).toEqual([SID]);
  expect([ours.peek(SID)?.text, theirs.peek(SID)?.text]).toEqual(["ours", "theirs"]);
  expect((await ours.load(SID))?.text).toBe("ours");
  await here.records.read([]);
  expect((await draftsOf(createFakeTab({ storage })).load(SID))?.text).toBe("theirs");
});

test("what was typed earlier, and is kept by a later timer, does not take the place of what was typed later", async () => {
  const storage = new FakeStorage();
  const [here, there] = [createFakeTab({ storage }), createFakeTab({ storage })];
  const [ours, theirs] = [draftsOf(here), draftsOf(there)];
  ours.edit(SID, "ours");
  there.clock.advance(10);
  theirs.edit(SID, "theirs");
  theirs.flush();
  await settle(() => false, 20);
  here.clock.advance(100);
  ours.flush();
  await settle(() => false, 20);
  expect(draftsOf(createFakeTab({ storage })).peek(SID)?.text).toBe("theirs");
  expect((await draftsOf(createFakeTab({ storage: new FakeStorage() })).load(SID))?.text).toBe("theirs");
  expect(ours.peek(SID)?.text).toBe("ours");
});

test("but it does where the clock was set back since", () => {
  const storage = new FakeStorage();
  const [here, there] = [createFakeTab({ storage }), createFakeTab({ storage })];
  const [ours, theirs] = [draftsOf(here), draftsOf(there)];
  ours.edit(SID, "ours");
  there.clock.advance(10_000);
  theirs.edit(SID, "theirs");
  theirs.flush();
  ours.edit(SID, "ours, an hour later by no clock");
  ours.flush();
  const kept = (): string | undefined => draftsOf(createFakeTab({ storage })).peek(SID)?.text;
  expect(kept()).toBe("ours, an hour later by no clock");
});

test("nor are words kept by a later timer lost to others that were sent meanwhile", () => {
  const storage = new FakeStorage();
  const [here, there] = [createFakeTab({ storage }), createFakeTab({ storage })];
  const [ours, theirs] = [draftsOf(here), draftsOf(there)];
  ours.edit(SID, "ours");
  there.clock.advance(50);
  theirs.edit(SID, "theirs");
  theirs.clear(SID);
  here.clock.advance(100);
  ours.flush();
  expect(draftsOf(createFakeTab({ storage })).peek(SID)?.text).toBe("ours");
});

test("when another tab sends or clears its own text, this tab's stays and is found after a reload", async () => {
  const { storage, here, ours, theirs, tell, typed } = twoTabs();
  typed();
  theirs.clear(SID);
  tell(here);
  expect(theirs.peek(SID)?.text).toBe("ours");
  expect(ours.peek(SID)?.text).toBe("ours");
  expect(draftsOf(createFakeTab({ storage })).peek(SID)?.text).toBe("ours");
  await settle(() => false, 20);
  expect((await draftsOf(createFakeTab({ storage: new FakeStorage() })).load(SID))?.text).toBe("ours");
});

test("of two tabs whose text another one cleared, the one typed in last is found, whichever hears of it first", () => {
  const storage = new FakeStorage();
  const [first, second, third] = [
    createFakeTab({ storage }),
    createFakeTab({ storage }),
    createFakeTab({ storage }),
  ];
  const [early, late, sender] = [draftsOf(first), draftsOf(second), draftsOf(third)];
  const tell = (...tabs: FakeTab[]): void => {
    for (const tab of tabs) tab.window.dispatchEvent(new StorageEventLike(localKeys.draft(SID)));
  };
  early.edit(SID, "early");
  early.flush();
  for (const tab of [first, second, third]) tab.clock.advance(1_000);
  late.edit(SID, "late");
  late.flush();
  for (const tab of [first, second, third]) tab.clock.advance(1_000);
  sender.clear(SID, "sent");
  tell(first, second, first, second);
  expect(draftsOf(createFakeTab({ storage })).peek(SID)?.text).toBe("late");
  expect([early.peek(SID)?.text, late.peek(SID)?.text]).toEqual(["early", "late"]);
});

test("the same words, sent from another tab, do not come back", () => {
  const { storage, here, ours, theirs, tell } = twoTabs();
  ours.edit(SID, "the same");
  ours.flush();
  theirs.edit(SID, "the same");
  theirs.clear(SID);
  tell(here);
  expect(draftsOf(createFakeTab({ storage })).peek(SID)).toBeUndefined();
});

test("the other tab's sending of older words does not pass for the sending of those typed here since", () => {
  const { storage, here, ours, theirs, tell } = twoTabs();
  ours.edit(SID, "hel");
  ours.flush();
  // The other tab has opened the session meanwhile and shows "hel".
  ours.edit(SID, "hello");
  ours.flush();
  theirs.clear(SID, "hel");
  tell(here);
  expect(draftsOf(createFakeTab({ storage })).peek(SID)?.text).toBe("hello");
});

test("a page that heard nothing while it was frozen keeps its text again when it resumes", async () => {
  const { storage, here, ours, typed } = twoTabs();
  typed();
  storage.setItem(localKeys.draft(SID), JSON.stringify({ text: "", atMs: 2_000_000, cleared: "6-other" }));
  here.page.fire("resume");
  await settle(() => textOf(storage)?.includes("ours") === true);
  expect(draftsOf(createFakeTab({ storage })).peek(SID)?.text).toBe("ours");
  expect(ours.peek(SID)?.text).toBe("ours");
});

test("without localStorage the word of the other tab is enough", async () => {
  const storage = new FakeStorage();
  storage.maxChars = 0;
  const { here, there, theirs, typed } = twoTabs(storage);
  typed();
  await settle(() => false, 20);
  theirs.clear(SID);
  await there.records.read([]);
  await settle(() => false, 20);
  await here.records.read([]);
  expect((await draftsOf(createFakeTab({ storage })).load(SID))?.text).toBe("ours");
});

test("a draft that was sent from here is not taken for another tab's text", () => {
  const { storage, here, ours, tell } = twoTabs();
  ours.edit(SID, "sent");
  ours.clear(SID);
  tell(here);
  expect(draftsOf(createFakeTab({ storage })).peek(SID)).toBeUndefined();
});

test("with localStorage full, the disk has a draft within the 300 ms of a killed tab", async () => {
  const storage = new FakeStorage();
  storage.maxChars = 5;
  const tab = createFakeTab({ storage });
  await tab.records.read([]);
  draftsOf(tab).edit(SID, "hello");
  tab.clock.advance(DRAFT_DELAY_MS);
  // No time passes any more: the write was begun in the timer, and the disk finishes what was begun.
  await settle(() => false, 20);
  expect(DRAFT_DELAY_MS).toBeLessThanOrEqual(150);
  expect((await draftsOf(createFakeTab({ storage })).load(SID))?.text).toBe("hello");
});

test("a clock that was set back does not make a new text older than the old one", () => {
  const storage = new FakeStorage();
  storage.setItem(localKeys.draft(SID), JSON.stringify({ text: "old", atMs: 9_000_000_000 }));
  const drafts = draftsOf(createFakeTab({ storage }));
  drafts.edit(SID, "new");
  drafts.flush();
  expect(drafts.peek(SID)?.text).toBe("new");
  expect(textOf(storage)).toContain("new");
});

test("a draft that nothing can keep stays in this tab, and the person is told once", async () => {
  const storage = new FakeStorage();
  storage.maxChars = 5;
  const tab = createFakeTab({
    storage,
    connect: () => () => Promise.reject(new DOMException("denied", "SecurityError")),
  });
  const drafts = draftsOf(tab);
  for (const text of ["a", "ab"]) {
    drafts.edit(SID, text);
    drafts.flush();
    await settle(() => tab.told.length > 0, 20);
  }
  await settle(() => false, 5);
  expect(drafts.peek(SID)?.text).toBe("ab");
  expect(tab.told).toHaveLength(1);
});

test("a corrupt draft is set aside and reported", async () => {
  const storage = new FakeStorage();
  storage.setItem(localKeys.draft(SID), "{");
  const tab = createFakeTab({ storage });
  expect(await draftsOf(tab).load(SID)).toBeUndefined();
  expect(storage.getItem(localKeys.quarantine(localKeys.draft(SID)))).toBe("{");
  expect(tab.reporter.warnings).toHaveLength(1);
});
