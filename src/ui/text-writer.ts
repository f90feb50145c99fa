import type { TextBuffer } from "../protocol/conversation.ts";
import { createPlainWriter } from "./plain-writer.ts";

/** Puts a growing text into an element that is its own. */
export interface TextWriter {
  /** Brings the page to what the buffer holds. Takes only what is new. */
  update(buffer: TextBuffer, isSettled: boolean): void;
  dispose(): void;
}

/** `answer` is formatted; `plain` is shown as it is. */
export type WriterKind = "answer" | "plain";

type CreateWriter = (mount: HTMLElement) => TextWriter;

let createAnswer: CreateWriter | undefined;
let loading: Promise<void> | undefined;

/** Fetches the formatter, once; a failure leaves plain text and is tried again at the next answer. */
export function loadAnswerWriter(): Promise<void> {
  loading ??= load();
  return loading;
}

async function load(): Promise<void> {
  try {
    const [{ createAnswerWriter }, { createWriteBudget }] = await Promise.all([
      import("./markdown/answer-writer.ts"),
      import("./markdown/write-budget.ts"),
    ]);
    // One over all answers: what they write together is what a frame takes.
    const budget = createWriteBudget();
    createAnswer = (mount) => createAnswerWriter(mount, undefined, budget);
  } catch {
    // Offline without a cached copy, or a new build has taken the old one's place.
    loading = undefined;
  }
}

export function createWriter(kind: WriterKind, mount: HTMLElement): TextWriter {
  if (kind === "plain") return createPlainWriter(mount);
  if (createAnswer !== undefined) return createAnswer(mount);
  return createLateWriter(mount);
}

/** Plain text until the formatter has been loaded; then the same buffer, formatted. */
function createLateWriter(mount: HTMLElement): TextWriter {
  let writer = createPlainWriter(mount);
  let last: { buffer: TextBuffer; isSettled: boolean } | undefined;
  let isDisposed = false;
  mount.classList.add("unformatted");
  const format = async (): Promise<void> => {
    await loadAnswerWriter();
    if (isDisposed || createAnswer === undefined) return;
    writer.dispose();
    mount.replaceChildren();
    mount.classList.remove("unformatted");
    writer = createAnswer(mount);
    if (last !== undefined) writer.update(last.buffer, last.isSettled);
  };
  void format();
  return {
    update(buffer, isSettled) {
      last = { buffer, isSettled };
      writer.update(buffer, isSettled);
    },
    dispose() {
      isDisposed = true;
      writer.dispose();
      mount.classList.remove("unformatted");
    },
  };
}
