import type { StreamSubscription } from "../../../src/backend/backend-types.ts";
import type { StreamSink } from "../../../src/backend/ports.ts";
import type { ControlName } from "../../../src/protocol/frames.ts";
import { controlMessage, type StreamMessage } from "../../../src/protocol/sse.ts";
import type { ConnectFate, NetworkParts, TabNetwork } from "./tab-network.ts";

/** What may be on its way before the server is told to wait. */
const MAX_ON_THE_WAY = 32;

/** The browser's own retry, before a server has named another. Unit: ms. */
const NATIVE_RETRY_MS = 3_000;
const SERVER_RETRY_MS = 1_000;

/** An EventSource as browsers have it (PLATFORM §1.1): stubborn where it should give up, and dead where it should not. */
export interface VirtualEventSource {
  readonly url: string;
  /** 0 connecting, 1 open, 2 closed. */
  readonly readyState: number;
  readonly openedAtMs: number;
  /** Since when nothing can come any more without the page knowing; undefined: the line works, or the page was told. */
  readonly deadSinceMs: number | undefined;
  readonly hasGreeted: boolean;
  readonly session: string;
  /** The server has greeted, and text that it has is still to come. */
  readonly isOwing: boolean;
  /** Some of what was owed came over this line. */
  readonly hasBrought: boolean;
  addEventListener(type: string, listener: (event: Event) => void): void;
  close(): void;
  drop(how: "end" | "reset"): void;
  halfOpen(): void;
}

interface SourceParts extends NetworkParts {
  readonly network: TabNetwork;
  readonly latency: () => number;
}

/** One connection, from a request to its end. A later one of the same source is another. */
interface Line {
  isOver: boolean;
  isHalfOpen: boolean;
  /** Goes half-open with the first message of this name; undefined: with the first log frame. */
  isDoomed: boolean;
  diesWith: ControlName | undefined;
  subscription: StreamSubscription | undefined;
  onTheWay: number;
  isFull: boolean;
  /** When what was last sent arrives: a line keeps its order. */
  lastAtMs: number;
  release: () => void;
}

export function createVirtualEventSource(
  url: string,
  parts: SourceParts,
  onClosed: () => void,
): VirtualEventSource {
  const { time, dice, loop, server, pool, watch, network, latency } = parts;
  const listeners = new Map<string, ((event: Event) => void)[]>();
  const openedAtMs = time.now();
  let readyState = 0;
  let lastEventId: string | undefined;
  let retryMs = NATIVE_RETRY_MS;
  let line: Line | undefined;
  let deadSinceMs: number | undefined;
  let isClosed = false;
  let hasGreeted = false;
  let hasBrought = false;
  const address = new URL(url, "http://holdfast");
  /** How far the page has the log, and how far the server has it. */
  let reachedSeq = seqOf(address.searchParams.get("after") ?? "");
  let tail: number | undefined;

  function note(message: StreamMessage): void {
    // Read by nobody any more: what comes late counts for no line.
    if (isClosed) return;
    if (message.event === "hello") {
      hasGreeted = true;
      tail = tailOf(message.data);
    }
    if (message.event === "caught-up") tail = reachedSeq;
    if (message.event !== undefined || message.id === undefined) return;
    const seq = seqOf(message.id);
    if (seq <= reachedSeq) return;
    reachedSeq = seq;
    hasBrought = true;
  }

  function dispatch(type: string, data?: string): void {
    const event = Object.assign(new Event(type), data === undefined ? {} : { data });
    const tell = (): void => {
      for (const listener of listeners.get(type) ?? []) listener(event);
    };
    // An event that was in the queue when the page closed the source.
    if (readyState === 2) watch.onLateEvent(tell);
    else tell();
  }

  function connect(): void {
    const mine: Line = {
      isOver: false,
      isHalfOpen: false,
      isDoomed: false,
      diesWith: undefined,
      subscription: undefined,
      onTheWay: 0,
      isFull: false,
      lastAtMs: 0,
      release: () => undefined,
    };
    line = mine;
    mine.release = pool.acquire(() => {
      const fate = network.nextConnects.shift();
      time.after(latency(), () => {
        if (mine.isOver) return;
        if (fate === "never" || network.mode === "hole") return;
        if (network.mode === "gone") return over(mine, "retry");
        if (network.mode !== "fine") return over(mine, "fatal");
        switch (fate) {
          case "status-204":
          case "status-401":
          case "status-502":
          case "html":
            return over(mine, "fatal");
          case "cursor-ignored":
          case "cursor-foreign":
          case "cursor-ahead":
          case "cursor-trimmed":
            return subscribe(mine, fate);
          case "dies-greeted":
          case "dies-midway":
            mine.diesWith = fate === "dies-greeted" ? "hello" : undefined;
            mine.isDoomed = true;
            return subscribe(mine, undefined);
          case undefined:
            subscribe(mine, fate);
        }
      });
    });
  }

  function subscribe(mine: Line, fate: Extract<ConnectFate, `cursor-${string}`> | undefined): void {
    const after = address.searchParams.get("after") ?? undefined;
    const start = { lastEventId, after };
    if (fate === "cursor-ignored") Object.assign(start, { lastEventId: undefined, after: undefined });
    if (fate === "cursor-foreign") Object.assign(start, { lastEventId: undefined, after: "f0re1gn.3" });
    if (fate === "cursor-ahead") {
      Object.assign(start, { lastEventId: undefined, after: after && `${after.split(".")[0]}.99999999` });
    }
    let isRefused = false;
    const sink: StreamSink = {
      write(message) {
        if (mine.isOver || isRefused) return true;
        send(mine, message);
        if (fate === "cursor-trimmed" && message.event === "hello") {
          // As a server does that no longer has what follows the cursor; nothing comes after it.
          isRefused = true;
          send(mine, controlMessage({ name: "resync", reason: "trimmed" }));
          finish(mine);
          return true;
        }
        if (network.isDoubling && message.event === undefined) send(mine, message);
        mine.isFull = mine.onTheWay >= MAX_ON_THE_WAY;
        return !mine.isFull;
      },
      end: () => finish(mine),
      cut: () => finish(mine),
    };
    mine.subscription = server.openStream(sessionOf(address), start, sink, () => finish(mine));
    if (mine.subscription === undefined) over(mine, "retry");
  }

  function send(mine: Line, message: StreamMessage): void {
    mine.onTheWay += 1;
    mine.lastAtMs = Math.max(mine.lastAtMs, time.now() + latency());
    time.after(mine.lastAtMs - time.now(), () => {
      if (mine.isHalfOpen || (mine.isOver && line !== mine)) return;
      mine.onTheWay -= 1;
      if (mine.isFull && mine.onTheWay < MAX_ON_THE_WAY / 2) {
        mine.isFull = false;
        mine.subscription?.onDrain();
      }
      loop.deliver(() => receive(mine, message));
    });
  }

  function receive(mine: Line, message: StreamMessage): void {
    if (mine !== line || (mine.isOver && readyState !== 2)) return;
    if (readyState === 0) {
      readyState = 1;
      retryMs = SERVER_RETRY_MS;
      dispatch("open");
    }
    if (message.id !== undefined) lastEventId = message.id;
    note(message);
    if (mine.isDoomed && message.event === mine.diesWith) source.halfOpen();
    dispatch(message.event ?? "message", message.data);
  }

  /** The server's side has ended: the end comes after what was sent, unless it gets lost. */
  function finish(mine: Line): void {
    if (mine.isOver || mine.isHalfOpen) return;
    if (network.mode === "hole") {
      deadSinceMs ??= time.now();
      return;
    }
    mine.lastAtMs = Math.max(mine.lastAtMs, time.now() + latency());
    time.after(mine.lastAtMs - time.now(), () => {
      if (!mine.isHalfOpen) loop.deliver(() => over(mine, "retry"));
    });
  }

  function detach(mine: Line): void {
    mine.isOver = true;
    mine.release();
    const { subscription, isHalfOpen } = mine;
    if (subscription !== undefined && !isHalfOpen) time.after(latency(), () => subscription.unsubscribe());
  }

  function over(mine: Line, how: "retry" | "fatal"): void {
    if (mine.isOver) return;
    detach(mine);
    loop.deliver(() => {
      if (line !== mine || readyState === 2) return;
      readyState = how === "fatal" ? 2 : 0;
      dispatchError();
      if (how === "fatal" || isClosed) return;
      loop.setTimer(retryMs, () => {
        if (!isClosed && line === mine) connect();
      });
    });
  }

  function dispatchError(): void {
    const event = new Event("error");
    for (const listener of listeners.get("error") ?? []) listener(event);
  }

  const source: VirtualEventSource = {
    url,
    openedAtMs,
    get readyState() {
      return readyState;
    },
    get deadSinceMs() {
      return deadSinceMs;
    },
    get hasGreeted() {
      return hasGreeted;
    },
    session: sessionOf(address),
    get isOwing() {
      return tail !== undefined && reachedSeq < tail;
    },
    get hasBrought() {
      return hasBrought;
    },
    addEventListener(type, listener) {
      listeners.set(type, [...(listeners.get(type) ?? []), listener]);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      readyState = 2;
      onClosed();
      if (line !== undefined && !line.isOver) detach(line);
    },
    drop(how) {
      const mine = line;
      if (mine === undefined || mine.isOver || mine.isHalfOpen) return;
      if (how === "reset") {
        // What was on its way is lost, an event that had come half is dropped.
        line = mine;
        over(mine, "retry");
      } else finish(mine);
    },
    halfOpen() {
      if (line === undefined || line.isOver || line.isHalfOpen) return;
      line.isHalfOpen = true;
      deadSinceMs ??= time.now();
    },
  };
  void dice;
  connect();
  return source;
}

function sessionOf(address: URL): string {
  return address.pathname.split("/")[3] ?? "";
}

/** Of a cursor, `<epoch>.<seq>`. */
function seqOf(cursor: string): number {
  return Number(cursor.slice(cursor.lastIndexOf(".") + 1));
}

function tailOf(hello: string): number {
  const { tail } = JSON.parse(hello) as { tail: number };
  return tail;
}
