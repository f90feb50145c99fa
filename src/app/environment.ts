import type { Health } from "../protocol/agents.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { ReadingPosition } from "../state/reading-position.ts";
import type { MeasureReport, Measures } from "../streaming/measures.ts";
import type { ApiAnswer, Disposer, StreamingPorts } from "../streaming/ports.ts";

/** All that the app needs of the browser beyond the ports of streaming. Tests bring their own. */
export interface AppEnvironment {
  readonly ports: StreamingPorts;
  readonly frames: Frames;
  readonly drafts: Drafts;
  readonly settings: Settings;
  readonly navigation: Navigation;
  readonly positions: Positions;
  /** Without it nothing is measured. */
  readonly measures?: Measures & { report(): readonly MeasureReport[] };
  /** What the server says of itself; also how the app learns whether a password is asked for. */
  health(): ApiAnswer<Health>;
  /** Removes everything that this browser keeps, in all tabs. */
  wipe(): Promise<void>;
  /** Loads the page anew: after an update, a wipe. */
  reload(): void;
  /** Tells what a person should know of this device: storage that keeps nothing, an insecure context. What was found before is told at once. */
  subscribeNotices(listener: (notice: { readonly id: string; readonly text: string }) => void): Disposer;
}

export interface Frames {
  /** Runs `run` in the next frame; a later call with the same key before then replaces it. */
  schedule(key: unknown, run: () => void): Disposer;
  /**
   * Runs `work` in frames, as far as all text of the page has time in each, until it answers that it is done.
   *
   * @param when `soon`: before the next paint, at the end of this task, for what has just been put into the page.
   */
  write(key: unknown, work: TextWork, when: "frame" | "soon"): Disposer;
}

/**
 * Does as much as there is time for, and something in any case.
 *
 * @returns Whether it is done; if not, it is called again. `long`: it is, and more of its last block may be dear.
 */
export type TextWork = (hasTime: () => boolean) => boolean | "long";

/** What was typed and not sent, per session; an empty text is none. */
export interface Drafts {
  /** What can be known at once. */
  peek(key: SessionId | "new"): string;
  /** The newest copy; may be one that only the disk has. */
  load(key: SessionId | "new"): Promise<string>;
  /** When what `peek`, or the latest `load`, answered was written, by the wall clock. Unit: ms; undefined: nothing is known. */
  writtenAtMs(key: SessionId | "new"): number | undefined;
  /** Remembered at once, kept soon; survives the page. */
  write(key: SessionId | "new", text: string): void;
  /** Keeps at once what was written. */
  flush(): void;
  /** Sent or cleared: these words, and not those that another tab may have written there since. */
  remove(key: SessionId | "new", words?: string): void;
  /** The session is deleted: no copy is left, not even the word that there is none. */
  drop(key: SessionId): void;
}

/** Small things remembered on this device. Values are JSON. */
export interface Settings {
  read(key: SettingKey): unknown;
  write(key: SettingKey, value: unknown): void;
}

export type SettingKey = "theme" | "lastAgent" | "seen" | "agents";

/** Where sessions were left, for this tab and its reloads. */
export interface Positions {
  read(sid: SessionId): ReadingPosition | undefined;
  /** Remembered at once, kept soon. */
  write(sid: SessionId, position: ReadingPosition): void;
}

/** The address bar. */
export interface Navigation {
  path(): string;
  /** What follows the path: query and fragment. */
  target(): string;
  push(path: string): void;
  replace(path: string): void;
  /** Back and forward; not called for `push` and `replace`. */
  subscribe(listener: () => void): Disposer;
}
