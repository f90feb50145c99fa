import { createApiClient } from "../../../src/api/api-client.ts";
import { askHealth, tryHealth } from "../../../src/api/health.ts";
import type { AppEnvironment } from "../../../src/app/environment.ts";
import { createConversationStore } from "../../../src/persistence/conversation-store.ts";
import { createDraftStore } from "../../../src/persistence/draft-store.ts";
import { localKeys } from "../../../src/persistence/keys.ts";
import { createLocalText } from "../../../src/persistence/local-text.ts";
import { openStoredRecords } from "../../../src/persistence/open-store.ts";
import { createOutboxStore } from "../../../src/persistence/outbox-store.ts";
import { createSlotWord } from "../../../src/persistence/slot-word.ts";
import { createTabChannel } from "../../../src/persistence/tab-channel.ts";
import { onWiped, wipeEverything } from "../../../src/persistence/wipe.ts";
import { createEventSourcePort } from "../../../src/platform/event-source.ts";
import { createFrameScheduler } from "../../../src/platform/frame-scheduler.ts";
import { createRandom } from "../../../src/platform/random.ts";
import { createTabLock } from "../../../src/platform/tab-lock.ts";
import type { Clock } from "../../../src/streaming/ports.ts";
import type { Browser } from "./browser.ts";
import type { Dice } from "./dice.ts";
import type { TabLoop } from "./tab-loop.ts";
import type { TabNetwork } from "./tab-network.ts";
import type { VirtualPage } from "./virtual-page.ts";

const FRAME_MS = 16;

export interface TabHost {
  readonly browser: Browser;
  readonly loop: TabLoop;
  readonly page: VirtualPage;
  readonly network: TabNetwork;
  readonly dice: Dice;
  readonly navigation: AppEnvironment["navigation"];
  readonly onWarn: (message: string, detail: unknown) => void;
  readonly reload: () => void;
}

/** What src/app/browser-environment.ts composes of a real browser, of a virtual one: the same real parts. */
export function createTabEnvironment(host: TabHost): AppEnvironment {
  const { browser, loop, page, network, dice } = host;
  const clock: Clock = {
    now: () => browser.wallMs(),
    setTimer: (delayMs, run) => loop.setTimer(delayMs, run),
  };
  const random = createRandom({ now: () => clock.now(), bytes: (count) => dice.bytes(count) });
  const reporter = { warn: (message: string, detail?: unknown) => host.onWarn(message, detail) };
  const window = new EventTarget();
  const storage = browser.storage.ofTab(loop, window);
  const local = createLocalText(() => storage);
  const channel = createTabChannel({
    local,
    nonce: () => random.uuid(),
    window,
    openBroadcast: () => browser.storage.channel(loop),
  });
  const listeners = new Set<(notice: { readonly id: string; readonly text: string }) => void>();
  const said: { readonly id: string; readonly text: string }[] = [];
  const say = (id: string, text: string): void => {
    said.push({ id, text });
    for (const listener of listeners) listener({ id, text });
  };
  const records = openStoredRecords({
    clock,
    page,
    reporter,
    notify: (notice) => say(notice.kind, notice.message),
    makeDisk: (guard, fence) => browser.disk.connect(loop, guard, fence, false),
    makeDiskElsewhere: (guard, fence) => browser.disk.connect(loop, guard, fence, true),
  });
  const notify = (message: string): void => say("memory", message);
  const drafts = createDraftStore({ records, local, channel, clock, page, reporter, notify });
  onWiped({ channel, drafts, records }, host.reload);
  return {
    ports: {
      clock,
      random,
      sources: createEventSourcePort(network.construct, {
        clock,
        ask: (signal) => tryHealth(signal, network.fetch),
      }),
      page,
      api: createApiClient(clock, network.fetch),
      store: createConversationStore({
        records,
        clock,
        reporter,
        uuid: () => random.uuid(),
        // Real ones are a thousand times as long as those of the script.
        referring: { minChars: 100, maxSpread: 3 },
      }),
      outbox: createOutboxStore({ records, local, channel, clock, reporter, notify }),
      lock: createTabLock(reporter, () => browser.locks.ofTab(loop)),
      slotWord: createSlotWord(channel),
      reporter,
    },
    frames: createFrameScheduler({
      page,
      clock,
      reporter,
      requestFrame: (run) => loop.setTimer(FRAME_MS, run),
    }),
    drafts: {
      peek: (key) => drafts.peek(key)?.text ?? "",
      load: async (key) => (await drafts.load(key))?.text ?? "",
      writtenAtMs: (key) => drafts.writtenAtMs(key),
      write: (key, text) => drafts.edit(key, text),
      flush: () => drafts.flush(),
      remove: (key, words) => drafts.clear(key, words),
      drop: (key) => void drafts.drop(key),
    },
    settings: {
      read(key) {
        const text = local.get(`${localKeys.prefix}${key}`);
        return text === undefined ? undefined : (JSON.parse(text) as unknown);
      },
      write: (key, value) => void local.set(`${localKeys.prefix}${key}`, JSON.stringify(value)),
    },
    navigation: host.navigation,
    // Where it was left is the page's business, and there is no page.
    positions: { read: () => undefined, write: () => undefined },
    health: () => askHealth(clock, network.fetch),
    async wipe() {
      await wipeEverything({ records, local, channel, drafts });
    },
    reload: host.reload,
    subscribeNotices(listener) {
      for (const notice of said) listener(notice);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
