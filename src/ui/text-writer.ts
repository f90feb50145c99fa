import type { TextBuffer } from "../protocol/conversation.ts";
import { createPlainWriter } from "./plain-writer.ts";
import type { ReturningTexts } from "./returning-texts.ts";

/** Puts a growing text into an element that is its own. */
export interface TextWriter {
  /**
   * Brings the page to what the buffer holds. Takes only what is new.
   *
   * @param isSettled Nothing follows.
   * @param hasTime Asked now and then; once it says no, the rest is left for the next call. Default: there is time.
   * @returns Whether everything is in the page.
   */
  update(buffer: TextBuffer, isSettled: boolean, hasTime?: () => boolean): boolean;
  /** Whether its last block is so long that laying out one more piece of it may be dear. Default: it never is. */
  isLong?(): boolean;
  /** Marks where the next word will be. */
  showCaret(isShown: boolean): void;
  dispose(): void;
}

/** `answer` is formatted; `plain` is shown as it is. */
export type WriterKind = "answer" | "plain";

/** @param idPrefix Begins all ids that are put into the page; unique within it. */
type CreateWriter = (mount: HTMLElement, idPrefix: string) => TextWriter;

let createAnswer: CreateWriter | undefined;
let returning: ReturningTexts | undefined;
let loading: Promise<void> | undefined;

/** Fetches the formatter, once; a failure leaves plain text and is tried again at the next answer. */
export function loadAnswerWriter(): Promise<void> {
  loading ??= load();
  return loading;
}

async function load(): Promise<void> {
  try {
    const [
      { createAnswerWriter },
      { createPageDecorations },
      { decodeFullReference },
      { createReturningTexts },
    ] = await Promise.all([
      import("./markdown/answer-writer.ts"),
      // Colours and formulas.
      orNothing(import("./markdown/page-decorations.ts")),
      // All of HTML's names, as large as the parser itself: without them `&oslash;` stays as it is written.
      orNothing(import("../markdown/full-references.ts")),
      // Nothing comes back into the page before something was written.
      orNothing(import("./returning-texts.ts")),
    ]);
    const options = {
      ...(createPageDecorations && { decorations: createPageDecorations() }),
      ...(decodeFullReference && { decodeReference: decodeFullReference }),
    };
    createAnswer = (mount, idPrefix) => createAnswerWriter(mount, { idPrefix, ...options });
    returning ??= createReturningTexts?.();
  } catch {
    // Offline without a cached copy, or a new build has taken the old one's place.
    loading = undefined;
  }
}

/** What is worth no answer: without it text is formatted all the same. */
function orNothing<Module extends object>(module: Promise<Module>): Promise<Partial<Module>> {
  return module.catch(() => ({}));
}

/** Undefined until it has come with the formatter: till then nothing is kept. */
export function returningTexts(): ReturningTexts | undefined {
  return returning;
}

export function createWriter(
  kind: WriterKind,
  mount: HTMLElement,
  idPrefix: string,
  wake: () => void,
): TextWriter {
  if (kind === "plain") return createPlainWriter(mount);
  if (createAnswer !== undefined) return createAnswer(mount, idPrefix);
  return createLateWriter(mount, idPrefix, wake);
}

/**
 * Plain text until the formatter has been loaded; then the same buffer, formatted.
 *
 * @param wake Asks for another update.
 */
function createLateWriter(mount: HTMLElement, idPrefix: string, wake: () => void): TextWriter {
  let writer = createPlainWriter(mount);
  let hasCaret = false;
  let isDisposed = false;
  mount.classList.add("unformatted");
  const format = async (): Promise<void> => {
    await loadAnswerWriter();
    if (isDisposed || createAnswer === undefined) return;
    writer.dispose();
    mount.classList.remove("unformatted");
    writer = createAnswer(mount, idPrefix);
    writer.showCaret(hasCaret);
    wake();
  };
  void format();
  return {
    update: (buffer, isSettled, hasTime) => writer.update(buffer, isSettled, hasTime),
    isLong: () => writer.isLong?.() === true,
    showCaret(isShown) {
      hasCaret = isShown;
      writer.showCaret(isShown);
    },
    dispose() {
      isDisposed = true;
      writer.dispose();
      mount.classList.remove("unformatted");
    },
  };
}
