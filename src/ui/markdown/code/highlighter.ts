import type { HighlightAnswer, HighlightRequest } from "./highlight-messages.ts";
import type { HighlightWorker, HighlightWorkerEvents } from "./highlight-worker-port.ts";

/** Code that wants colours. */
export interface HighlightSource {
  readonly language: string;
  /** How many lines will not change any more. */
  lineCount(): number;
  line(index: number): string;
  /** The tokens of one line, see `packToken`. Each line is told once, in order. */
  receive(index: number, tokens: Uint16Array): void;
}

export interface HighlightHandle {
  /** Only what is wanted is worked at. Default: false. */
  setWanted(isWanted: boolean): void;
  /** There may be more lines. */
  wake(): void;
  /** Idempotent. */
  dispose(): void;
}

/**
 * Has code tokenized in a worker, the latest block first. A language that is unknown, can't be fetched or hangs stays
 * plain; the page never waits and is never told.
 */
export interface Highlighter {
  attach(source: HighlightSource): HighlightHandle;
}

export interface HighlighterPorts {
  /** Throws where there are no workers. */
  openWorker(events: HighlightWorkerEvents): HighlightWorker;
  /** Returns an idempotent disposer. */
  setTimer(delayMs: number, run: () => void): () => void;
}

interface Block {
  readonly id: number;
  readonly source: HighlightSource;
  isWanted: boolean;
  /** The next line the worker is told of. */
  next: number;
  /** The next line its source is told of: below `next` after a new beginning. */
  received: number;
}

type LanguageState = "loading" | "ready" | "plain";

/** In one request. Small, so that the block in sight doesn't wait for one out of sight. */
const MAX_BATCH_LINES = 64;
/** Lines are cut off long before; what takes this long is a pattern that runs away. Unit: ms. */
const HANG_MS = 10_000;
/** After this long with nothing to do the worker goes, and its grammars' memory with it. Unit: ms. */
const IDLE_MS = 120_000;
/** A worker that fails this often is not tried again on this page. */
const MAX_FAILURES = 3;

export function createHighlighter(ports: HighlighterPorts): Highlighter {
  const blocks = new Map<number, Block>();
  let languages = new Map<string, LanguageState>();
  let worker: HighlightWorker | undefined;
  let inFlight: { readonly block: Block; readonly lines: number } | undefined;
  let cancelTimer = (): void => undefined;
  let lastId = 0;
  let failures = 0;

  function post(request: HighlightRequest): void {
    worker ??= ports.openWorker({ onAnswer, onFailure });
    worker.post(request);
  }

  function closeWorker(): void {
    cancelTimer();
    worker?.close();
    worker = undefined;
    inFlight = undefined;
    // The next one knows no grammar; what was found out about a language stays.
    languages = new Map([...languages].filter(([, state]) => state === "plain"));
  }

  function onFailure(): void {
    failures += 1;
    closeWorker();
  }

  function pump(): void {
    if (inFlight !== undefined || failures >= MAX_FAILURES) return;
    try {
      const block = nextBlock();
      if (block !== undefined) sendLines(block);
    } catch {
      // No workers here: plain for good.
      failures = MAX_FAILURES;
    }
  }

  /** The latest first: the end of a conversation is what is read. Asks for grammars on the way. */
  function nextBlock(): Block | undefined {
    let found: Block | undefined;
    for (const block of blocks.values()) {
      if (!block.isWanted || block.next >= block.source.lineCount()) continue;
      const { language } = block.source;
      const state = languages.get(language);
      if (state === undefined) {
        languages.set(language, "loading");
        post({ kind: "load", language });
      } else if (state === "ready") found = block;
    }
    return found;
  }

  function sendLines(block: Block): void {
    const { source, next } = block;
    const count = Math.min(source.lineCount() - next, MAX_BATCH_LINES);
    const lines = Array.from({ length: count }, (_, index) => source.line(next + index));
    const { language } = source;
    inFlight = { block, lines: count };
    post({ kind: "tokenize", block: block.id, language, isFirst: next === 0, lines });
    cancelTimer();
    cancelTimer = ports.setTimer(HANG_MS, () => {
      languages.set(language, "plain");
      closeWorker();
      pump();
    });
  }

  function onAnswer(answer: HighlightAnswer): void {
    if (answer.kind === "loaded") {
      languages.set(answer.language, answer.outcome === "ready" ? "ready" : "plain");
    } else {
      const sent = inFlight;
      inFlight = undefined;
      cancelTimer();
      cancelTimer = ports.setTimer(IDLE_MS, closeWorker);
      if (sent !== undefined && answer.kind === "tokens") deliver(sent.block, sent.lines, answer.tokens);
      // A worker that was closed meanwhile has forgotten where the block stood.
      else if (sent !== undefined) sent.block.next = 0;
    }
    pump();
  }

  function deliver(block: Block, lines: number, flat: Uint16Array): void {
    let at = 0;
    for (let index = block.next; index < block.next + lines; index += 1) {
      const count = flat[at] ?? 0;
      if (index === block.received && blocks.has(block.id)) {
        block.received += 1;
        block.source.receive(index, flat.subarray(at + 1, at + 1 + count));
      }
      at += 1 + count;
    }
    block.next += lines;
  }

  return {
    attach(source) {
      lastId += 1;
      const block: Block = { id: lastId, source, isWanted: false, next: 0, received: 0 };
      blocks.set(block.id, block);
      return {
        setWanted(isWanted) {
          block.isWanted = isWanted;
          if (isWanted) pump();
        },
        wake: pump,
        dispose() {
          if (!blocks.delete(block.id)) return;
          worker?.post({ kind: "forget", block: block.id });
        },
      };
    },
  };
}
