import * as v from "valibot";
import { TimestampSchema } from "../protocol/ids.ts";
import { parse, parseJson } from "../protocol/parse.ts";
import type { Clock, Disposer, Page, Reporter } from "../streaming/ports.ts";
import { localKeys, recordKeys, type DraftKey } from "./keys.ts";
import type { LocalText } from "./local-text.ts";
import type { StoredRecords } from "./open-store.ts";
import { quarantineText } from "./quarantine.ts";
import type { TabChannel } from "./tab-channel.ts";

/** A key pressed is kept at most this much later. Unit: ms. A tab killed 300 ms after the last key loses nothing. */
export const DRAFT_DELAY_MS = 250;

/** How long an empty draft is remembered. Unit: ms. */
const EMPTY_MEMORY_MS = 24 * 60 * 60 * 1000;

/** What was being written. An empty text says that it was sent or cleared, and outweighs older copies. */
const DraftSchema = v.object({ text: v.string(), atMs: TimestampSchema });
export type Draft = v.InferOutput<typeof DraftSchema>;

/** Drafts per session; the last writer wins over tabs. Nothing here throws or waits for the disk but `load`. */
export interface DraftStore {
  /** What can be known at once: of this tab, or of localStorage. */
  peek(key: DraftKey): Draft | undefined;
  /** The newest of all copies; undefined when there is none, or it is empty. */
  load(key: DraftKey): Promise<Draft | undefined>;
  /** Remembers at once; keeps within {@link DRAFT_DELAY_MS}. */
  edit(key: DraftKey, text: string): void;
  /** Sent or discarded: empty at once, in both places. */
  clear(key: DraftKey): void;
  /** The session is deleted: no copy is left. */
  drop(key: DraftKey): Promise<void>;
  /** Keeps what is not kept yet, synchronously; happens by itself when the page is hidden or left. */
  flush(): void;
  /** Another tab kept a draft; `peek` and `load` answer the newer one. */
  subscribe(listener: (key: DraftKey) => void): Disposer;
  /** Wiped: what is remembered is dropped and nothing is kept any more. */
  forgetAll(): void;
  dispose(): void;
}

export interface DraftStorePorts {
  readonly records: StoredRecords;
  readonly local: LocalText;
  readonly channel: TabChannel;
  readonly clock: Clock;
  readonly page: Page;
  readonly reporter: Reporter;
  /** Neither place took a draft. */
  readonly notify: (message: string) => void;
}

export function createDraftStore(ports: DraftStorePorts): DraftStore {
  const { records, local, clock, reporter } = ports;
  const remembered = new Map<DraftKey, Draft>();
  const unsaved = new Set<DraftKey>();
  const listeners = new Set<(key: DraftKey) => void>();
  let stopTimer: Disposer | undefined;
  let isForgotten = false;
  let hasComplained = false;

  function readLocal(key: DraftKey): Draft | undefined {
    const text = local.get(localKeys.draft(key));
    if (text === undefined) return undefined;
    const draft = parseJson(DraftSchema, text);
    if (draft.ok) return draft.value;
    quarantineText(local, reporter, localKeys.draft(key), draft.error.message);
    return undefined;
  }

  function peek(key: DraftKey): Draft | undefined {
    return newest(remembered.get(key), readLocal(key));
  }

  function keep(key: DraftKey): void {
    const draft = remembered.get(key);
    if (draft === undefined) return;
    const isMirrored = local.set(localKeys.draft(key), JSON.stringify(draft)) === "kept";
    void keepOnDisk(key, draft, isMirrored);
  }

  async function keepOnDisk(key: DraftKey, draft: Draft, isMirrored: boolean): Promise<void> {
    const kept = await records.update([recordKeys.draft(key)], ([raw]) => {
      const known = parse(DraftSchema, raw);
      if (known.ok && known.value.atMs > draft.atMs) return { answer: undefined };
      return { answer: undefined, put: new Map([[recordKeys.draft(key), draft]]) };
    });
    const isOnDisk = kept.ok && !(await records.isInMemory());
    if (isOnDisk || isMirrored || hasComplained || draft.text === "") return;
    hasComplained = true;
    ports.notify("What you write can't be kept on this device; it is lost when this tab is closed.");
  }

  function flush(): void {
    stopTimer?.();
    stopTimer = undefined;
    const due = [...unsaved];
    unsaved.clear();
    for (const key of due) keep(key);
  }

  function write(key: DraftKey, text: string): void {
    if (isForgotten) return;
    // Never older than the copy it replaces, even when the clock was set back.
    const atMs = Math.max(clock.now(), ((remembered.get(key) ?? readLocal(key))?.atMs ?? 0) + 1);
    remembered.set(key, { text, atMs });
    unsaved.add(key);
  }

  async function drop(key: DraftKey): Promise<void> {
    remembered.delete(key);
    unsaved.delete(key);
    local.remove(localKeys.draft(key));
    await records.update([], () => ({ answer: undefined, remove: [recordKeys.draft(key)] }));
  }

  const disposers = [
    // `pagehide` and `hidden` may be the last that is heard of this page.
    ports.page.subscribe((event) => {
      if (event === "hidden" || event === "pagehide" || event === "freeze") flush();
    }),
    ports.channel.onLocalChange((changed) => {
      if (changed === undefined || !changed.startsWith(localKeys.draftPrefix)) return;
      const key = changed.slice(localKeys.draftPrefix.length) as DraftKey;
      for (const listener of listeners) listener(key);
    }),
  ];

  return {
    peek: (key) => filled(peek(key)),
    async load(key) {
      const values = await records.read([recordKeys.draft(key)]);
      const onDisk = values.ok ? parse(DraftSchema, values.value[0]) : undefined;
      const draft = newest(peek(key), onDisk?.ok === true ? onDisk.value : undefined);
      // An empty one has outlived every copy it had to outweigh.
      if (draft?.text === "" && clock.now() - draft.atMs > EMPTY_MEMORY_MS) await drop(key);
      return filled(draft);
    },
    edit(key, text) {
      write(key, text);
      // Not pushed back by the next key: whoever types for a minute loses a quarter of a second, not the minute.
      stopTimer ??= clock.setTimer(DRAFT_DELAY_MS, flush);
    },
    clear(key) {
      write(key, "");
      flush();
    },
    drop,
    flush,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    forgetAll() {
      isForgotten = true;
      stopTimer?.();
      stopTimer = undefined;
      unsaved.clear();
      remembered.clear();
    },
    dispose() {
      flush();
      for (const dispose of disposers) dispose();
      listeners.clear();
    },
  };
}

function newest(a: Draft | undefined, b: Draft | undefined): Draft | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.atMs > a.atMs ? b : a;
}

function filled(draft: Draft | undefined): Draft | undefined {
  return draft === undefined || draft.text === "" ? undefined : draft;
}
