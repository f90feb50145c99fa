import { setImmediate } from "node:timers/promises";

/** Time as it really passes in the world; what a browser believes it to be is another matter. */
export interface TrueTime {
  /** Since the world began. Unit: ms. */
  now(): number;
  /** Runs `run` once after `delayMs`. The disposer takes it back. */
  after(delayMs: number, run: () => void): () => void;
  /** Lets `ms` pass; everything due runs in the order of its time, and settles, one after the other. */
  advance(ms: number): Promise<void>;
  /** Lets everything settle that needs no time. */
  settle(): Promise<void>;
}

interface Task {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | undefined;
}

export function createTrueTime(): TrueTime {
  /** A binary heap, earliest first. */
  const heap: Task[] = [];
  let nowMs = 0;
  let orders = 0;

  const isBefore = (left: Task, right: Task): boolean =>
    left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);

  function push(task: Task): void {
    let at = heap.push(task) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(task, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = task;
  }

  function pop(): Task | undefined {
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      if (left === undefined) break;
      const right = heap[2 * at + 2];
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = isRight ? 2 * at + 2 : 2 * at + 1;
    }
    heap[at] = last;
    return top;
  }

  /** One turn of the event loop empties the queue of microtasks, however long their chain. */
  async function settle(): Promise<void> {
    await setImmediate();
  }

  return {
    now: () => nowMs,
    after(delayMs, run) {
      const task: Task = { atMs: nowMs + Math.max(0, delayMs), order: (orders += 1), run };
      push(task);
      return () => {
        task.run = undefined;
      };
    },
    async advance(ms) {
      const endMs = nowMs + ms;
      await settle();
      for (let next = heap[0]; next !== undefined && next.atMs <= endMs; next = heap[0]) {
        pop();
        if (next.run === undefined) continue;
        nowMs = next.atMs;
        next.run();
        await settle();
      }
      nowMs = endMs;
    },
    settle,
  };
}
