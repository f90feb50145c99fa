import type { IncomingMessage, ServerResponse } from "node:http";

/** What a proxy makes of a body on its way. */
export type BodyShape =
  | {
      /** Cut off after so many bytes, never at the end of an event: `fin` and `rst` of the connection, `end` of the answer in good order. */
      readonly kind: "cut";
      readonly afterBytes: number;
      readonly how: "fin" | "rst" | "end";
    }
  | {
      /** Everything is held back until `until` resolves, then comes in one burst; afterwards it passes. */
      readonly kind: "hold";
      readonly until: Promise<unknown>;
    }
  | {
      /** So many bytes at a time, with a pause between: splits lines and characters. Units: bytes, ms. */
      readonly kind: "trickle";
      readonly bytes: number;
      readonly everyMs: number;
    };

const LINE_FEED = 10;

/** Passes `answer` on to `response` in the shape. The connection is the caller's to close when the browser goes. */
export function shapeBody(shape: BodyShape, answer: IncomingMessage, response: ServerResponse): void {
  switch (shape.kind) {
    case "cut":
      return cut(shape.afterBytes, shape.how, answer, response);
    case "hold":
      return hold(shape.until, answer, response);
    case "trickle":
      return trickle(shape.bytes, shape.everyMs, answer, response);
  }
}

function cut(
  afterBytes: number,
  how: "fin" | "rst" | "end",
  answer: IncomingMessage,
  response: ServerResponse,
): void {
  let seen = 0;
  let last = LINE_FEED;
  let isCut = false;
  answer.on("data", (bytes: Buffer) => {
    if (isCut || response.destroyed) return;
    // The first byte beyond the limit that leaves an event unfinished.
    let at = -1;
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index] ?? 0;
      seen += 1;
      if (seen > afterBytes && byte !== LINE_FEED && last !== LINE_FEED) {
        at = index + 1;
        break;
      }
      last = byte;
    }
    if (at < 0) {
      response.write(bytes);
      return;
    }
    isCut = true;
    // Left to the caller, who lets go of the server when the browser is gone.
    answer.pause();
    const rest = bytes.subarray(0, at);
    if (how === "end") response.end(rest);
    // Both only once the bytes are out: what arrives last is half an event.
    else if (how === "fin") response.write(rest, () => response.socket?.end());
    else response.write(rest, () => response.socket?.resetAndDestroy());
  });
  answer.on("end", () => {
    if (!isCut) response.end();
  });
}

function hold(until: Promise<unknown>, answer: IncomingMessage, response: ServerResponse): void {
  let held: Buffer[] | undefined = [];
  let hasEnded = false;
  answer.on("data", (bytes: Buffer) => {
    if (held === undefined) response.write(bytes);
    else held.push(bytes);
  });
  answer.on("end", () => {
    hasEnded = true;
    if (held === undefined) response.end();
  });
  const release = (): void => {
    const burst = Buffer.concat(held ?? []);
    held = undefined;
    if (response.destroyed) return;
    if (burst.length > 0) response.write(burst);
    if (hasEnded) response.end();
  };
  until.then(release, release);
}

function trickle(bytes: number, everyMs: number, answer: IncomingMessage, response: ServerResponse): void {
  let waiting = Buffer.alloc(0);
  let hasEnded = false;
  const timer = setInterval(() => {
    if (waiting.length > 0) {
      response.write(waiting.subarray(0, bytes));
      waiting = waiting.subarray(bytes);
    } else if (hasEnded) {
      response.end();
      clearInterval(timer);
    }
  }, everyMs);
  answer.on("data", (more: Buffer) => (waiting = Buffer.concat([waiting, more])));
  answer.on("end", () => (hasEnded = true));
  response.on("close", () => clearInterval(timer));
}
