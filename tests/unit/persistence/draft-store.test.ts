import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import { createDraftStore, DRAFT_DELAY_MS, type DraftStore } from "../../../src/persistence/draft-store.ts";
import { localKeys, recordKeys } from "../../../src/persistence/keys.ts";
import { sessionId } from "../../support/wire-samples.ts";
import {
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

test("a draft is kept 250 ms after the last key at the latest, without another event", () => {
  const tab = createFakeTab();
  const drafts = draftsOf(tab);
  drafts.edit(SID, "h");
  tab.clock.advance(200);
  drafts.edit(SID, "he");
  expect(textOf(tab.storage)).toBeNull();
  tab.clock.advance(DRAFT_DELAY_MS - 200);
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

test("the last writer wins over tabs, and the other tab is told", () => {
  const storage = new FakeStorage();
  const [here, there] = [createFakeTab({ storage }), createFakeTab({ storage })];
  const [ours, theirs] = [draftsOf(here), draftsOf(there)];
  ours.edit(SID, "ours");
  ours.flush();
  theirs.edit(SID, "theirs");
  theirs.flush();
  const heard: string[] = [];
  ours.subscribe((key) => void heard.push(key));
  here.window.dispatchEvent(new StorageEventLike(localKeys.draft(SID)));
  expect(heard).toEqual([SID]);
  expect(ours.peek(SID)?.text).toBe("theirs");
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
