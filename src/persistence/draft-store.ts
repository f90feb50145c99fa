import * as v from "valibot";
import { TimestampSchema } from "../protocol/ids.ts";
import { parse, parseJson } from "../protocol/parse.ts";
import type { Clock, Disposer, Page, Reporter } from "../streaming/ports.ts";
import { localKeys, recordKeys, type DraftKey } from "./keys.ts";
import type { LocalText } from "./local-text.ts";
import type { StoredRecords } from "./open-store.ts";
import { quarantineText } from "./quarantine.ts";
import type { TabChannel } from "./tab-channel.ts";

/**
 * A key pressed is kept at most this much later. Unit: ms. A tab killed 300 ms after the last key loses nothing:
 * what is left of the 300 is for a busy page, and for IndexedDB where localStorage refuses.
 */
export const DRAFT_DELAY_MS = 150;

/** How long an empty draft is remembered. Unit: ms. */
const EMPTY_MEMORY_MS = 24 * 60 * 60 * 1000;

/** What was being written. An empty text says that it was sent or cleared, and outweighs older copies. */
const DraftSchema = v.object({
  text: v.string(),
  atMs: TimestampSchema,
  /** Of an empty one: which words it was that were sent or cleared. */
  cleared: v.optional(v.string()),
  /** Of one that was put again where other words had been cleared: when it was typed. By default `atMs`. */
  typedAtMs: v.optional(TimestampSchema),
});
export type Draft = v.InferOutput<typeof DraftSchema>;

/**
 * Drafts per session. Over tabs what was typed later wins, and every tab goes on seeing what was typed in it; when
 * another tab sends or clears its own words, this tab's different ones are kept again. Nothing here throws or waits for
 * the disk but `load`.
 */
export interface DraftStore {
  /** What can be known at once: what was typed in this tab, else what localStorage has. */
  peek(key: DraftKey): Draft | undefined;
  /** What was typed in this tab, else the newest of all copies; undefined when there is none, or it is empty. */
  load(key: DraftKey): Promise<Draft | undefined>;
  /** When what `peek`, or the latest `load`, answered was written, by the wall clock of then. Unit: ms. */
  writtenAtMs(key: DraftKey): number | undefined;
  /** Remembers at once; keeps within {@link DRAFT_DELAY_MS}. */
  edit(key: DraftKey, text: string): void;
  /** Sent or discarded: empty at once, in both places. `words`: those that were; by default what is kept. */
  clear(key: DraftKey, words?: string): void;
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
  /** As the disk had them when they were last asked for. */
  const loaded = new Map<DraftKey, Draft>();
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
    // What was typed here stays on this screen, whoever wrote later elsewhere.
    return filled(remembered.get(key)) ?? newest(remembered.get(key), readLocal(key));
  }

  /** Another tab sent or cleared its words: those typed here, if they are others, take the place of its empty draft. */
  function defend(key: DraftKey, kept: Draft | undefined): void {
    const own = filled(remembered.get(key));
    if (own === undefined || isForgotten || kept === undefined) return;
    if (kept.atMs <= own.atMs) return;
    // Of several that are put again the one that was typed last stays, whichever tab hears of it first.
    const isAnothers =
      kept.text === "" ? kept.cleared !== markOf(own.text) : typedAtMs(kept) < typedAtMs(own);
    if (!isAnothers) return;
    write(key, own.text, { laterThanMs: kept.atMs, typedAtMs: typedAtMs(own) });
    flush();
  }

  /** By the disk too: without localStorage tabs hear each other's word and nothing more. */
  async function defendAll(): Promise<void> {
    for (const [key, own] of remembered) {
      if (own.text === "") continue;
      const values = await records.read([recordKeys.draft(key)]);
      const onDisk = values.ok ? parse(DraftSchema, values.value[0]) : undefined;
      defend(key, newest(readLocal(key), onDisk?.ok === true ? onDisk.value : undefined));
    }
  }

  function keep(key: DraftKey): void {
    const typed = remembered.get(key);
    if (typed === undefined) return;
    const draft = over(readLocal(key), typed, clock.now());
    // Typed later in another tab, whose timer came first: what stands there is the newer one, on the disk too.
    if (draft === undefined) return;
    remembered.set(key, draft);
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

  function write(
    key: DraftKey,
    text: string,
    {
      laterThanMs = 0,
      ...rest
    }: {
      readonly laterThanMs?: number;
      readonly words?: string | undefined;
      readonly typedAtMs?: number;
    } = {},
  ): void {
    if (isForgotten) return;
    const before = remembered.get(key) ?? readLocal(key);
    // Never older than the copy it replaces, even when the clock was set back.
    const atMs = Math.max(clock.now(), laterThanMs + 1, (before?.atMs ?? 0) + 1);
    // Another tab may have written since these words were read: what is kept need not be what was cleared.
    const cleared = rest.words === undefined ? before?.cleared : markOf(rest.words);
    const mark = cleared ?? (before === undefined ? undefined : markOf(before.text));
    remembered.set(key, {
      text,
      atMs,
      ...(text !== "" || mark === undefined ? {} : { cleared: mark }),
      ...(rest.typedAtMs === undefined ? {} : { typedAtMs: rest.typedAtMs }),
    });
    unsaved.add(key);
  }

  async function drop(key: DraftKey): Promise<void> {
    remembered.delete(key);
    loaded.delete(key);
    unsaved.delete(key);
    local.remove(localKeys.draft(key));
    await records.update([], () => ({ answer: undefined, remove: [recordKeys.draft(key)] }));
  }

  const disposers = [
    // `pagehide` and `hidden` may be the last that is heard of this page.
    ports.page.subscribe((event) => {
      if (event === "hidden" || event === "pagehide" || event === "freeze") flush();
      // A page that was frozen has heard nothing meanwhile.
      else if (event === "visible" || event === "restored" || event === "resume") void defendAll();
    }),
    ports.channel.subscribe((message) => {
      if (message === "draft-cleared") void defendAll();
    }),
    ports.channel.onLocalChange((changed) => {
      if (changed === undefined || !changed.startsWith(localKeys.draftPrefix)) return;
      const key = changed.slice(localKeys.draftPrefix.length) as DraftKey;
      defend(key, readLocal(key));
      for (const listener of listeners) listener(key);
    }),
  ];

  return {
    peek: (key) => filled(peek(key)),
    async load(key) {
      const values = await records.read([recordKeys.draft(key)]);
      const onDisk = values.ok ? parse(DraftSchema, values.value[0]) : undefined;
      if (onDisk?.ok === true) loaded.set(key, onDisk.value);
      const draft =
        filled(remembered.get(key)) ?? newest(peek(key), onDisk?.ok === true ? onDisk.value : undefined);
      // An empty one has outlived every copy it had to outweigh.
      if (draft?.text === "" && clock.now() - draft.atMs > EMPTY_MEMORY_MS) await drop(key);
      return filled(draft);
    },
    writtenAtMs: (key) => (filled(remembered.get(key)) ?? newest(peek(key), loaded.get(key)))?.atMs,
    edit(key, text) {
      write(key, text);
      // Not pushed back by the next key: whoever types for a minute loses a quarter of a second, not the minute.
      stopTimer ??= clock.setTimer(DRAFT_DELAY_MS, flush);
    },
    clear(key, words) {
      write(key, "", { words });
      flush();
      ports.channel.post("draft-cleared");
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
      loaded.clear();
    },
    dispose() {
      flush();
      for (const dispose of disposers) dispose();
      listeners.clear();
    },
  };
}

function typedAtMs(draft: Draft): number {
  return draft.typedAtMs ?? draft.atMs;
}

function newest(a: Draft | undefined, b: Draft | undefined): Draft | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.atMs > a.atMs ? b : a;
}

/**
 * What localStorage keeps where `known` was, when `draft` is to be: undefined when `known` was written later. A time that is still
 * to come says that the clock was set back since, and that the order of the two can't be known: then the last writer
 * wins. That other words were sent or cleared takes none of these along.
 */
function over(known: Draft | undefined, draft: Draft, nowMs: number): Draft | undefined {
  if (known === undefined || known.atMs <= draft.atMs) return draft;
  const areOthersCleared = known.text === "" && draft.text !== "" && known.cleared !== markOf(draft.text);
  return known.atMs > nowMs || areOthersCleared ? { ...draft, atMs: known.atMs + 1 } : undefined;
}

/** Tells one text from another without keeping it (FNV-1a, 32 bits, and the length): a draft may be a megabyte. */
function markOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return `${text.length}-${(hash >>> 0).toString(36)}`;
}

function filled(draft: Draft | undefined): Draft | undefined {
  return draft === undefined || draft.text === "" ? undefined : draft;
}
