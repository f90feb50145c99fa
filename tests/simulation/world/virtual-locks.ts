import type { LockRequests } from "../../../src/platform/tab-lock.ts";
import type { TabLoop } from "./tab-loop.ts";
import type { TrueTime } from "./true-time.ts";

interface Request {
  readonly owner: TabLoop | undefined;
  readonly run: () => Promise<void>;
  readonly reject: (error: Error) => void;
  isOver: boolean;
}

/** Web Locks over the tabs of one browser: first come, first served; a tab that dies lets go. */
export interface VirtualLocks {
  /** `navigator.locks` of one page. */
  ofTab(loop: TabLoop): LockRequests;
  /** Held by a window outside this story, until the disposer is called. */
  occupy(name: string): () => void;
  /** The page died, or went into WebKit's back-forward cache: then its promises reject with AbortError. */
  release(loop: TabLoop, isRejecting: boolean): void;
  /** Who holds the lock or waits for it. */
  queued(name: string): number;
}

export function createVirtualLocks(time: TrueTime): VirtualLocks {
  const queues = new Map<string, Request[]>();

  function grant(name: string): void {
    const request = queues.get(name)?.[0];
    if (request === undefined) return;
    const run = (): void => {
      if (request.isOver) return;
      request.run().then(
        () => end(name, request),
        () => end(name, request),
      );
    };
    if (request.owner === undefined) run();
    else time.after(0, () => request.owner?.deliver(run));
  }

  function end(name: string, request: Request): void {
    if (request.isOver) return;
    request.isOver = true;
    const queue = queues.get(name) ?? [];
    const wasHeld = queue[0] === request;
    const rest = queue.filter((other) => other !== request);
    if (rest.length === 0) queues.delete(name);
    else queues.set(name, rest);
    if (wasHeld) grant(name);
  }

  function add(name: string, request: Request): void {
    const queue = queues.get(name) ?? [];
    queue.push(request);
    queues.set(name, queue);
    if (queue.length === 1) grant(name);
  }

  return {
    ofTab: (loop) => ({
      request: (name, callback, signal) =>
        new Promise<void>((resolve, reject) => {
          if (loop.state === "dead") return;
          let isGranted = false;
          const run = async (): Promise<void> => {
            isGranted = true;
            await callback();
            resolve();
          };
          const request: Request = { owner: loop, run, reject, isOver: false };
          const leave = (): void => {
            // [Web Locks] The signal takes a request out of the queue; it does not break a lock that is held.
            if (isGranted || request.isOver) return;
            end(name, request);
            reject(new DOMException("The request was aborted.", "AbortError"));
          };
          if (signal?.aborted === true) {
            request.isOver = true;
            reject(new DOMException("The request was aborted.", "AbortError"));
            return;
          }
          signal?.addEventListener("abort", leave);
          add(name, request);
        }),
    }),
    occupy(name) {
      let letGo = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      add(name, { owner: undefined, run: () => held, reject: () => undefined, isOver: false });
      return () => letGo();
    },
    release(loop, isRejecting) {
      for (const [name, queue] of Array.from(queues)) {
        for (const request of queue.filter((other) => other.owner === loop)) {
          end(name, request);
          if (isRejecting) loop.deliver(() => request.reject(new DOMException("lost", "AbortError")));
        }
      }
    },
    queued: (name) => queues.get(name)?.length ?? 0,
  };
}
