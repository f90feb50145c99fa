/** What lies between two blank lines of an event stream. */
export interface SseBlock {
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly data: string | undefined;
  readonly retryMs: number | undefined;
  readonly comments: readonly string[];
}

/** A stream being read: everything that came, in order. */
export interface SseReader {
  readonly blocks: readonly SseBlock[];
  /** When each block came, by this process's clock. Unit: ms since 1970. */
  readonly arrivedAtMs: readonly number[];
  /** Bytes received, framing included. */
  readonly byteCount: () => number;
  readonly hasEnded: () => boolean;
  /**
   * Resolves with the first answer of `find` that is not undefined, asked after every block and at the end.
   * Rejects, naming `what` and what came last, when the stream ends or `limitMs` passes before.
   */
  readonly waitFor: <Found>(what: string, find: () => Found | undefined, limitMs?: number) => Promise<Found>;
  /** Resolves when the server has ended the stream. */
  readonly untilEnd: (limitMs?: number) => Promise<void>;
  /** Leaves, as a closed tab does. Idempotent. */
  readonly close: () => Promise<void>;
}

/** Far above what anything takes on an idle machine: a busy one must not make a suite lie. Unit: ms. */
const DEFAULT_LIMIT_MS = 20_000;

const FIELDS = new Set(["event", "id", "data", "retry"]);

/**
 * One block, strictly: only the fields of the protocol, each at most once, no CR, no missing space.
 * Throws on anything a browser would forgive, because a browser would forgive it silently.
 */
export function parseSseBlock(text: string): SseBlock {
  const fields = new Map<string, string>();
  const comments: string[] = [];
  for (const line of text.split("\n")) {
    if (line.includes("\r")) throw new Error(`a CR inside ${JSON.stringify(line)}`);
    const colon = line.indexOf(":");
    if (colon < 0) throw new Error(`a line without a colon: ${JSON.stringify(line)}`);
    const name = line.slice(0, colon);
    if (name === "") {
      comments.push(line.slice(1));
      continue;
    }
    if (!FIELDS.has(name)) throw new Error(`an unknown field ${JSON.stringify(name)}`);
    if (fields.has(name)) throw new Error(`a second ${name} in one block`);
    if (line[colon + 1] !== " ") throw new Error(`no space after ${name}:`);
    fields.set(name, line.slice(colon + 2));
  }
  const retry = fields.get("retry");
  if (retry !== undefined && !/^[0-9]+$/.test(retry)) throw new Error(`retry is not a number: ${retry}`);
  return {
    event: fields.get("event"),
    id: fields.get("id"),
    data: fields.get("data"),
    retryMs: retry === undefined ? undefined : Number(retry),
    comments,
  };
}

/** Reads `response` to its end or until closed. Nothing is skipped and nothing is repaired. Waits end after `defaultLimitMs`. */
export function readSse(response: Response, defaultLimitMs = DEFAULT_LIMIT_MS): SseReader {
  const body = response.body;
  if (body === null) throw new Error("the stream has no body");
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const blocks: SseBlock[] = [];
  const arrivedAtMs: number[] = [];
  const watchers = new Set<() => void>();
  let byteCount = 0;
  let rest = "";
  let failure: Error | undefined;
  let hasEnded = false;
  let isClosed = false;

  const tell = (): void => {
    for (const watcher of watchers) watcher();
  };

  const take = (chunk: Uint8Array): void => {
    byteCount += chunk.byteLength;
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
    rest = pieces.pop() ?? "";
    for (const piece of pieces) {
      blocks.push(parseSseBlock(piece));
      arrivedAtMs.push(Date.now());
      tell();
    }
  };

  const pump = async (): Promise<void> => {
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        take(value);
      }
      if (rest !== "" && !isClosed)
        throw new Error(`the stream ended inside a block: ${JSON.stringify(rest.slice(0, 200))}`);
    } catch (error) {
      // A socket cut by a crash of the server is an end, not a malformed stream; what was malformed says so itself.
      failure = error instanceof Error ? error : new Error(String(error));
    }
    hasEnded = true;
    tell();
  };
  const pumped = pump();

  const describe = (): string => {
    const last = blocks.slice(-3).map((block) => JSON.stringify(block).slice(0, 300));
    const why = failure === undefined ? "" : `; ${failure.message}`;
    return `${blocks.length} blocks came, the last: ${last.join(" | ")}${why}`;
  };

  const waitFor = <Found>(
    what: string,
    find: () => Found | undefined,
    limitMs = defaultLimitMs,
  ): Promise<Found> =>
    new Promise((resolve, reject) => {
      const settle = (): boolean => {
        try {
          const found = find();
          if (found !== undefined) resolve(found);
          else if (hasEnded) reject(new Error(`the stream ended before ${what}; ${describe()}`));
          else return false;
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
        watchers.delete(check);
        clearTimeout(timer);
        return true;
      };
      const check = (): void => void settle();
      const timer = setTimeout(() => {
        watchers.delete(check);
        reject(new Error(`waited ${limitMs} ms for ${what}; ${describe()}`));
      }, limitMs);
      if (!settle()) watchers.add(check);
    });

  return {
    blocks,
    arrivedAtMs,
    byteCount: () => byteCount,
    hasEnded: () => hasEnded,
    waitFor,
    untilEnd: (limitMs) =>
      waitFor("the end of the stream", () => (hasEnded ? true : undefined), limitMs).then(() => undefined),
    async close() {
      if (isClosed) return;
      isClosed = true;
      if (!hasEnded) await reader.cancel().catch((error: unknown) => (failure ??= new Error(String(error))));
      await pumped;
    },
  };
}
