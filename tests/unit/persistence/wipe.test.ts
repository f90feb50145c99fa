import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import { createDraftStore } from "../../../src/persistence/draft-store.ts";
import { onWiped, wipeEverything } from "../../../src/persistence/wipe.ts";
import {
  createBroadcastHub,
  createFakeTab,
  FakeStorage,
  resetIndexedDb,
  settle,
  type FakeTab,
} from "./browser-fakes.ts";
import { modelOf, SID, storeOf } from "./stored-samples.ts";

beforeEach(resetIndexedDb);

const wipePorts = (tab: FakeTab) => ({
  ...tab,
  drafts: createDraftStore({ ...tab, notify: () => undefined }),
});

test("a wipe removes everything of this app and nothing of others, and tells other tabs", async () => {
  const [hub, storage] = [createBroadcastHub(), new FakeStorage()];
  const here = wipePorts(createFakeTab({ hub, storage }));
  const there = wipePorts(createFakeTab({ hub, storage }));
  let isTold = false;
  onWiped(there, () => {
    isTold = true;
  });
  const kept = modelOf(here);
  kept.fold(23);
  await kept.save();
  there.drafts.edit(SID, "secret");
  here.drafts.edit(SID, "secret too");
  here.drafts.flush();
  storage.setItem("another app's", "stays");
  expect(await wipeEverything(here)).toEqual({ ok: true, value: undefined });
  there.drafts.flush();
  there.drafts.edit(SID, "late");
  there.drafts.flush();
  await settle(() => false, 10);
  expect(isTold).toBe(true);
  expect([...storage.texts.keys()]).toEqual(["another app's"]);
  const late = modelOf(there);
  late.fold(24);
  expect(await late.save()).toBe("unavailable");
  expect(await storeOf(createFakeTab({ storage })).load(SID)).toBeUndefined();
});

test("a tab that heard nothing of a wipe learns it from the disk, and is told once", async () => {
  const here = wipePorts(createFakeTab());
  const there = wipePorts(createFakeTab());
  let told = 0;
  const dispose = onWiped(there, () => {
    told += 1;
  });
  await there.records.read([]);
  await wipeEverything(here);
  expect(told).toBe(0);
  await modelOf(there).save();
  await storeOf(there).load(SID);
  expect(told).toBe(1);
  dispose();
});

test("a wipe without BroadcastChannel leaves nothing behind either", async () => {
  const tab = wipePorts(createFakeTab());
  tab.drafts.edit(SID, "secret");
  tab.drafts.flush();
  await wipeEverything(tab);
  expect([...tab.storage.texts.keys()]).toEqual([]);
});

test("a wipe that could not reach the disk says so", async () => {
  const tab = wipePorts(
    createFakeTab({ connect: () => () => Promise.reject(new DOMException("denied", "SecurityError")) }),
  );
  expect(await wipeEverything(tab)).toMatchObject({ ok: false });
});
