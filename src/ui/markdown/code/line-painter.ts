import type { IdleQueue } from "./idle-queue.ts";
import type { Nearness } from "./nearness.ts";
import { paintLine } from "./paint-line.ts";

/** Colours lines of a block in idle time, those near the window alone. */
export interface LinePainter {
  add(node: ChildNode, tokens: Uint16Array): void;
  dispose(): void;
}

interface Line {
  readonly node: ChildNode;
  readonly tokens: Uint16Array;
}

interface Chunk {
  readonly lines: Line[];
  isNear: boolean;
  readonly unwatch: () => void;
}

export interface LinePainterPorts {
  readonly idle: IdleQueue;
  readonly nearness: Nearness;
}

export function createLinePainter({ idle, nearness }: LinePainterPorts): LinePainter {
  const chunks = new Map<Element, Chunk>();
  /** Where a selection ends: painted once it has moved on. */
  let held: Line[] = [];
  let stop = (): void => undefined;

  function paintNext(): boolean {
    for (const [element, chunk] of chunks) {
      if (!chunk.isNear) continue;
      const line = chunk.lines.shift();
      if (line === undefined) {
        chunk.unwatch();
        chunks.delete(element);
        continue;
      }
      if (!paintLine(line.node, line.tokens)) hold(line);
      return true;
    }
    return false;
  }

  function hold(line: Line): void {
    if (held.length === 0) document.addEventListener("selectionchange", release, { once: true });
    held.push(line);
  }

  function release(): void {
    const lines = held;
    held = [];
    for (const line of lines) add(line);
  }

  function createChunk(element: Element): Chunk {
    const unwatch = nearness.watch(element, (isNear) => {
      chunk.isNear = isNear;
      if (isNear) start();
    });
    const chunk: Chunk = { lines: [], isNear: false, unwatch };
    chunks.set(element, chunk);
    return chunk;
  }

  function start(): void {
    stop();
    stop = idle.run(paintNext);
  }

  function add(line: Line): void {
    const element = line.node.parentElement;
    if (element === null) return;
    const chunk = chunks.get(element) ?? createChunk(element);
    chunk.lines.push(line);
    if (chunk.isNear) start();
  }

  return {
    add: (node, tokens) => add({ node, tokens }),
    dispose() {
      stop();
      document.removeEventListener("selectionchange", release);
      for (const chunk of chunks.values()) chunk.unwatch();
      chunks.clear();
      held = [];
    },
  };
}
