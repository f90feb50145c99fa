import { createApiClient } from "../api/api-client.ts";
import { askHealth, tryHealth } from "../api/health.ts";
import { createConversationStore } from "../persistence/conversation-store.ts";
import { createDraftStore } from "../persistence/draft-store.ts";
import { localKeys } from "../persistence/keys.ts";
import { createLocalText, type LocalText } from "../persistence/local-text.ts";
import { openStoredRecords } from "../persistence/open-store.ts";
import { createOutboxStore } from "../persistence/outbox-store.ts";
import { carryOverWords, deletePreviousDatabases } from "../persistence/previous-database.ts";
import { createPositionStore } from "../persistence/position-store.ts";
import { createSettingsStore, type SettingsStore } from "../persistence/settings-store.ts";
import { createSlotWord } from "../persistence/slot-word.ts";
import { createTabChannel } from "../persistence/tab-channel.ts";
import { onWiped, wipeEverything } from "../persistence/wipe.ts";
import { createClock } from "../platform/clock.ts";
import { createEventSourcePort } from "../platform/event-source.ts";
import {
  createAfterBrowserFrame,
  createFrameScheduler,
  requestBrowserFrame,
} from "../platform/frame-scheduler.ts";
import { createMeasures } from "../platform/measures.ts";
import { createNavigation } from "../platform/navigation.ts";
import { createPage } from "../platform/page.ts";
import { createRandom } from "../platform/random.ts";
import { createReporter } from "../platform/reporter.ts";
import { createTabLock } from "../platform/tab-lock.ts";
import { AgentIdSchema } from "../protocol/ids.ts";
import { parse } from "../protocol/parse.ts";
import type { AppEnvironment, Settings } from "./environment.ts";

/** Everything the app needs, of the real browser. */
export function createBrowserEnvironment(): AppEnvironment {
  const clock = createClock();
  const random = createRandom();
  const page = createPage();
  const reporter = createReporter();
  const measures = createMeasures();
  const notices = createNotices();
  const local = createLocalText();
  const channel = createTabChannel({ local, nonce: () => random.uuid() });
  const records = openStoredRecords({
    clock,
    page,
    reporter,
    notify: (notice) => notices.say(notice.kind, notice.message),
    measures,
    carryOver: (target, guard) => carryOverWords(target, guard),
    forgetOlder: () => deletePreviousDatabases(),
  });
  const notifyKeeping = (message: string): void => notices.say("memory", message);
  const drafts = createDraftStore({ records, local, channel, clock, page, reporter, notify: notifyKeeping });
  const reload = (): void => location.reload();
  onWiped({ channel, drafts, records }, reload);
  if (!isSecureContext) {
    notices.say(
      "insecure",
      "This page came over plain http: it works, but can't be installed, notify, or share work between tabs safely. Use https or localhost for that.",
    );
  }
  return {
    ports: {
      clock,
      random,
      sources: createEventSourcePort(undefined, { clock, ask: (signal) => tryHealth(signal) }),
      page,
      api: createApiClient(clock),
      store: createConversationStore({ records, clock, reporter, uuid: () => random.uuid() }),
      outbox: createOutboxStore({ records, local, channel, clock, reporter, notify: notifyKeeping }),
      lock: createTabLock(reporter),
      slotWord: createSlotWord(channel),
      measures,
      reporter,
    },
    frames: createFrameScheduler({
      page,
      clock,
      reporter,
      requestFrame: requestBrowserFrame,
      afterFrame: createAfterBrowserFrame(),
      nowMs: () => performance.now(),
      measures,
    }),
    measures,
    drafts: {
      peek: (key) => drafts.peek(key)?.text ?? "",
      load: async (key) => (await drafts.load(key))?.text ?? "",
      writtenAtMs: (key) => drafts.writtenAtMs(key),
      write: (key, text) => drafts.edit(key, text),
      flush: () => drafts.flush(),
      remove: (key, words) => drafts.clear(key, words),
      drop: (key) => void drafts.drop(key),
    },
    settings: createSettings(createSettingsStore(local, channel), local),
    navigation: createNavigation(),
    positions: createPositionStore({ text: createLocalText(() => sessionStorage), clock, page }),
    health: () => askHealth(clock),
    async wipe() {
      const wiped = await wipeEverything({ records, local, channel, drafts });
      if (!wiped.ok) reporter.warn("What is stored could not all be removed.", wiped.error);
    },
    reload,
    subscribeNotices: notices.subscribe,
  };
}

/** Keeps what is said before anybody listens. */
function createNotices() {
  const said: { readonly id: string; readonly text: string }[] = [];
  const listeners = new Set<(notice: { readonly id: string; readonly text: string }) => void>();
  const subscribe: AppEnvironment["subscribeNotices"] = (listener) => {
    for (const notice of said) listener(notice);
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    subscribe,
    say(id: string, text: string): void {
      said.push({ id, text });
      for (const listener of listeners) listener({ id, text });
    },
  };
}

/** What was chosen lies in the settings; what the app remembers by itself beside them. */
function createSettings(store: SettingsStore, local: LocalText): Settings {
  const keyOf = (key: string): string => `${localKeys.prefix}${key}`;
  return {
    read(key) {
      if (key === "theme" || key === "lastAgent") return store.load()[key];
      const text = local.get(keyOf(key));
      try {
        return text === undefined ? undefined : JSON.parse(text);
      } catch {
        // Somebody else's, or half written: as good as nothing.
        return undefined;
      }
    },
    write(key, value) {
      if (key === "theme" && (value === "light" || value === "dark" || value === "system")) {
        store.save({ theme: value });
      } else if (key === "lastAgent") {
        const agent = parse(AgentIdSchema, value);
        if (agent.ok) store.save({ lastAgent: agent.value });
      } else {
        local.set(keyOf(key), JSON.stringify(value));
      }
    },
  };
}
