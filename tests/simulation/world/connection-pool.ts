/** HTTP/1.1: so many connections of one browser to one origin, for streams and requests together. */
const MAX_CONNECTIONS = 6;

export interface ConnectionPool {
  /** Runs `go` when a connection is free. The disposer gives it back, or leaves the queue. */
  acquire(go: () => void): () => void;
  inUse(): number;
}

export function createConnectionPool(): ConnectionPool {
  let inUse = 0;
  const queue: (() => void)[] = [];

  function next(): void {
    while (inUse < MAX_CONNECTIONS) {
      const go = queue.shift();
      if (go === undefined) return;
      inUse += 1;
      go();
    }
  }

  return {
    inUse: () => inUse,
    acquire(go) {
      let state: "queued" | "held" | "over" = "queued";
      const start = (): void => {
        state = "held";
        go();
      };
      queue.push(start);
      next();
      return () => {
        if (state === "queued") queue.splice(queue.indexOf(start), 1);
        if (state === "held") inUse -= 1;
        state = "over";
        next();
      };
    },
  };
}
