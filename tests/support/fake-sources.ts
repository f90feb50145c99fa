import {
  encodeControlFrame,
  encodeLogFrame,
  type ControlFrame,
  type LogFrame,
} from "../../src/protocol/frames.ts";
import type { ControlName } from "../../src/protocol/frames.ts";
import type { EventSourcePort, SourceHandlers } from "../../src/streaming/ports.ts";

/** A source that a test plays the server of. Delivers even after `close`, as a badly behaved one would. */
export interface FakeSource {
  readonly url: string;
  readonly isClosed: boolean;
  control(frame: ControlFrame): void;
  frame(frame: LogFrame): void;
  /** Raw text, for what no encoder would write. */
  message(name: ControlName | undefined, data: string): void;
  error(): void;
}

export interface FakeSources extends EventSourcePort {
  /** All that were ever opened, oldest first. */
  readonly all: readonly FakeSource[];
  open(url: string, handlers: SourceHandlers): { close(): void };
  openNow(): readonly FakeSource[];
  /** The newest. Throws when none was opened. */
  last(): FakeSource;
}

export function createFakeSources(onOpen?: (source: FakeSource) => void): FakeSources {
  const all: FakeSource[] = [];
  return {
    all,
    open(url, handlers) {
      let isClosed = false;
      const source: FakeSource = {
        url,
        get isClosed() {
          return isClosed;
        },
        control: (frame) => handlers.onMessage(frame.name, encodeControlFrame(frame)),
        frame: (frame) => handlers.onMessage(undefined, encodeLogFrame(frame)),
        message: (name, data) => handlers.onMessage(name, data),
        error: () => handlers.onError(),
      };
      all.push(source);
      onOpen?.(source);
      return {
        close() {
          isClosed = true;
        },
      };
    },
    openNow: () => all.filter((source) => !source.isClosed),
    last() {
      const source = all.at(-1);
      if (source === undefined) throw new Error("no source was opened");
      return source;
    },
  };
}
