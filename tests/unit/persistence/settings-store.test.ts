import { expect, test } from "vitest";
import { localKeys } from "../../../src/persistence/keys.ts";
import { createLocalText } from "../../../src/persistence/local-text.ts";
import { createSettingsStore } from "../../../src/persistence/settings-store.ts";
import { createTabChannel } from "../../../src/persistence/tab-channel.ts";
import { agentId } from "../../support/wire-samples.ts";
import { FakeStorage, StorageEventLike } from "./browser-fakes.ts";

function settingsOf(getStorage: () => Storage) {
  const window = new EventTarget();
  const local = createLocalText(getStorage);
  const channel = createTabChannel({ local, nonce: () => "n", window, openBroadcast: () => undefined });
  return { window, settings: createSettingsStore(local, channel) };
}

test("settings survive a reload", () => {
  const storage = new FakeStorage();
  settingsOf(() => storage).settings.save({ theme: "dark", lastAgent: agentId("openai/llama3") });
  expect(settingsOf(() => storage).settings.load()).toEqual({
    theme: "dark",
    lastAgent: "openai/llama3",
    sidebar: "open",
    notifications: false,
  });
});

test("one broken field costs only itself", () => {
  const storage = new FakeStorage();
  storage.setItem(localKeys.settings, JSON.stringify({ theme: "neon", sidebar: "closed", lastAgent: 7 }));
  expect(settingsOf(() => storage).settings.load()).toMatchObject({ theme: "system", sidebar: "closed" });
  storage.setItem(localKeys.settings, "garbage");
  expect(settingsOf(() => storage).settings.load().theme).toBe("system");
});

test("settings are kept in this tab where localStorage throws on access", () => {
  const { settings } = settingsOf(() => {
    throw new DOMException("denied", "SecurityError");
  });
  settings.save({ theme: "light" });
  expect(settings.load().theme).toBe("light");
});

test("a change in another tab is taken over", () => {
  const storage = new FakeStorage();
  const { window, settings } = settingsOf(() => storage);
  const themes: string[] = [];
  settings.load();
  const dispose = settings.subscribe(({ theme }) => void themes.push(theme));
  settingsOf(() => storage).settings.save({ theme: "dark" });
  window.dispatchEvent(new StorageEventLike(localKeys.settings));
  dispose();
  window.dispatchEvent(new StorageEventLike(localKeys.settings));
  expect(themes).toEqual(["dark"]);
});
