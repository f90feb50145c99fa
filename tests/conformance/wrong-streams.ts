import {
  json,
  movedCursor,
  on,
  onStream,
  pathOf,
  withBlocks,
  withFrames,
  withHeaders,
  withJson,
  withRequest,
  type Wrong,
  type WrongServer,
} from "./wrong-server.ts";

const right: Wrong = (request, next) => next(request);

/** Wrong in something that PROTOCOL §3 or §4 says. */
export const WRONG_STREAMS: readonly WrongServer[] = [
  {
    does: "lets proxies buffer the stream",
    rule: "P3.1",
    says: /null to be 'no'|to be 'no'/,
    wrong: onStream(async (request, next) =>
      withHeaders(await next(request), { "x-accel-buffering": undefined }),
    ),
  },
  {
    does: "lets caches keep the stream",
    rule: "P3.1",
    says: /no-store/,
    wrong: onStream(async (request, next) =>
      withHeaders(await next(request), { "cache-control": "no-cache" }),
    ),
  },
  {
    does: "ignores `Last-Event-ID`",
    rule: "P3.2",
    says: /after seq/,
    wrong: onStream((request, next) =>
      next(withRequest(request, (_query, headers) => headers.delete("last-event-id"))),
    ),
  },
  {
    does: "takes a stale `Last-Event-ID` over a newer `?after=`",
    rule: "P3.2",
    says: /after seq/,
    wrong: onStream((request, next) =>
      next(
        withRequest(request, (query, headers) => {
          if (headers.has("last-event-id")) query.delete("after");
        }),
      ),
    ),
  },
  {
    does: "takes the epoch of `?after=` over that of `Last-Event-ID`",
    rule: "P3.3",
    says: /caught-up|resync/,
    wrong: onStream((request, next) =>
      next(
        withRequest(request, (query, headers) => {
          const [header, after] = [headers.get("last-event-id"), query.get("after")];
          if (header?.split(".")[0] !== after?.split(".")[0]) headers.delete("last-event-id");
        }),
      ),
    ),
    isSilent: true,
  },
  {
    does: "leaves out the first event after the cursor",
    rule: "P3.4",
    says: /after seq|to be \d+|resync/,
    wrong: onStream((request, next) => next(movedCursor(request, 1))),
  },
  {
    does: "sends the last event again when a reader comes back",
    rule: "P3.4",
    says: /after seq/,
    wrong: onStream((request, next) => next(movedCursor(request, -1))),
  },
  {
    does: "refuses a stream with a status",
    rule: "P3.5",
    says: /404 to be 200/,
    wrong: onStream(async (request, next) => {
      const response = withBlocks(await next(request), (block) => [block]);
      const text = /^[0-9a-f-]{36}$/.test(pathOf(request)[1] ?? "")
        ? await peek(response.clone())
        : "not-found";
      return text.includes("not-found") ? json(404, {}) : response;
    }),
  },
  {
    does: "says no `hello`",
    rule: "P3.7",
    isSilent: true,
    says: /hello/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) => (block.startsWith("event: hello") ? [] : [block])),
    ),
  },
  {
    does: "sends a message with an id and no data to move the cursor",
    rule: "P3.9",
    says: /P3\.9/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) => [
        block,
        ...(block.startsWith("id: ") ? [block.split("\n")[0] ?? ""] : []),
      ]),
    ),
  },
  {
    does: "says `caught-up` before the replay",
    rule: "P3.10",
    says: /undefined to be \d+/,
    wrong: onStream(async (request, next) => {
      const held: string[] = [];
      let isLive = false;
      return withBlocks(await next(request), (block) => {
        if (block.startsWith("event: caught-up")) {
          isLive = true;
          return [block, ...held];
        }
        if (isLive || !block.startsWith("id: ")) return [block];
        held.push(block);
        return [];
      });
    }),
  },
  {
    does: "says `caught-up` twice",
    rule: "P3.10",
    says: /length of 1/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) =>
        block.startsWith("event: caught-up") ? [block, block] : [block],
      ),
    ),
  },
  {
    does: "gives a frame the number of its first event",
    rule: "P3.11",
    says: /P3\.11/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) => [
        block.replace(/^id: (\w+)\.\d+\ndata: \{"from":(\d+)/, 'id: $1.$2\ndata: {"from":$2'),
      ]),
    ),
  },
  {
    does: "gives control frames an id",
    rule: "P3.12",
    says: /P3\.12/,
    wrong: onStream(async (request, next) => {
      let epoch = "";
      return withBlocks(await next(request), (block) => {
        epoch = /"epoch":"(\w+)"/.exec(block)?.[1] ?? epoch;
        return [block.replace(/^event: ping\n/, `event: ping\nid: ${epoch}.9\n`)];
      });
    }),
  },
  {
    does: "puts a whole catch-up into one frame",
    rule: "P3.14",
    says: /less than or equal to 16384/,
    wrong: onStream(async (request, next) => {
      const held: { from: number; seq: number; events: unknown[] }[] = [];
      let head = "";
      let isLive = false;
      return withBlocks(await next(request), (block) => {
        const [id = "", data = ""] = block.split("\ndata: ");
        if (!isLive && id.startsWith("id: ")) {
          held.push(JSON.parse(data) as (typeof held)[number]);
          head = id;
          return [];
        }
        if (!block.startsWith("event: caught-up")) return [block];
        isLive = true;
        const [first, last] = [held[0], held.at(-1)];
        if (first === undefined || last === undefined) return [block];
        const whole = { from: first.from, seq: last.seq, events: held.flatMap((frame) => frame.events) };
        return [`${head}\ndata: ${JSON.stringify(whole)}`, block];
      });
    }),
  },
  {
    does: "holds live events back for a fifth of a second",
    rule: "P3.15",
    says: /less than or equal to 50/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), async (block) => {
        const at = Number(/"at":(\d+)/.exec(block)?.[1] ?? 0);
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, at + 200 - Date.now())));
        return [block];
      }),
    ),
  },
  {
    does: "sends every other event twice",
    rule: "P3.16",
    says: /after seq/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) =>
        /^id: \w+\.\d*[02468]\n/.test(block) ? [block, block] : [block],
      ),
    ),
  },
  {
    does: "pings without a tail",
    rule: "P3.20",
    says: /tail/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) => [
        block.startsWith("event: ping") ? "event: ping\ndata: {}" : block,
      ]),
    ),
  },
  {
    does: "keeps the line open with comments instead of pings",
    rule: "P3.20",
    isSilent: true,
    says: /ping/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) => [block.startsWith("event: ping") ? ": keep-alive" : block]),
    ),
  },
  {
    does: "pings a tenth as often as its `hello` says",
    rule: "P3.20",
    says: /between two pings/,
    wrong: onStream(async (request, next) => {
      let count = 0;
      return withBlocks(await next(request), (block) => {
        if (!block.startsWith("event: ping")) return [block];
        count += 1;
        return count % 10 === 0 ? [block] : [];
      });
    }),
  },
  {
    does: "accepts a cursor beyond the tail, and is silent",
    rule: "P3.21",
    isSilent: true,
    says: /resync/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) => (block.includes('"reason":"ahead"') ? [] : [block])),
    ),
  },
  {
    does: "begins at the beginning for a cursor of another epoch",
    rule: "P3.21",
    isSilent: true,
    says: /resync/,
    wrong: onStream(async (request, next) =>
      next(
        withRequest(request, (query, headers) => {
          if (query.get("after")?.startsWith("zzzz.") === true) query.delete("after");
          if (headers.get("last-event-id")?.startsWith("zzzz.") === true) headers.delete("last-event-id");
        }),
      ),
    ),
  },
  {
    does: "goes on pinging after a `resync`",
    rule: "P3.22",
    says: /resync/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) =>
        block.startsWith("event: resync") ? [block, 'event: ping\ndata: {"tail":12}'] : [block],
      ),
    ),
  },
  {
    does: "loses a frame at the hand-over from replay to live",
    rule: "P3.24",
    says: /after seq/,
    wrong: onStream(async (request, next) => {
      let sinceCaughtUp = -1;
      return withBlocks(await next(request), (block) => {
        if (block.startsWith("event: caught-up")) sinceCaughtUp = 0;
        if (!block.startsWith("id: ") || sinceCaughtUp < 0) return [block];
        sinceCaughtUp += 1;
        return sinceCaughtUp === 1 && !request.url.endsWith("/stream") ? [] : [block];
      });
    }),
  },
  {
    does: "shows readers what its disk has not got yet",
    rule: "P3.25",
    says: /greater than or equal|404/,
    wrong: right,
    disk: { isLateByMs: 150 },
  },
  {
    does: "turns half a character into U+FFFD",
    rule: "P3.28",
    says: /ud83d|\ufffd|to match object/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) => [block.replaceAll("\\ud83dh", "\ufffdh")]),
    ),
  },
  {
    does: "ends its lines with CRLF",
    rule: "P3.29",
    says: /CR/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) => [block.replace("\n", "\r\n")]),
    ),
  },
  {
    does: "counts the offset of each delta from the frame's beginning",
    rule: "P4.5",
    says: /offset/,
    wrong: onStream(async (request, next) =>
      withFrames(await next(request), (frame) => ({
        ...frame,
        events: frame.events.map((event) => ("offset" in event ? { ...event, offset: 0 } : event)),
      })),
    ),
  },
  {
    does: "counts offsets in bytes",
    rule: "P4.5",
    says: /offset/,
    wrong: onStream(async (request, next) => {
      let bytes = 0;
      return withFrames(await next(request), (frame) => ({
        ...frame,
        events: frame.events.map((event) => {
          if (event["type"] !== "text-delta") return event;
          const changed = { ...event, offset: bytes };
          bytes += new TextEncoder().encode(String(event["delta"])).byteLength;
          return changed;
        }),
      }));
    }),
  },
  {
    does: "sends a word after `turn-ended`",
    rule: "P4.10",
    says: /turn-ended/,
    wrong: on("GET", "sessions/:/events", async (request, next) =>
      withJson(await next(request), (body) => {
        for (const frame of body["frames"] as { events: { type: string; turn: string }[] }[]) {
          const end = frame.events.findIndex((event) => event.type === "turn-ended");
          const { turn } = frame.events[end] ?? { turn: "" };
          const word = { type: "text-delta", at: 1, turn, part: "late", offset: 0, delta: "late" };
          if (end >= 0) frame.events.splice(end + 1, 0, word);
        }
      }),
    ),
  },
  {
    does: "writes an event for every change that changes nothing",
    rule: "P4.11",
    says: /to deeply equal/,
    wrong: on("PATCH", "sessions/:", async (request, next) => {
      const { url, headers } = request;
      const flip = (body: object): Promise<Response> =>
        next(new Request(url, { method: "PATCH", headers, body: JSON.stringify(body) }));
      const response = await next(request);
      const { archived } = (await response.clone().json()) as { archived?: boolean };
      if (response.ok) for (const next of [!archived, archived]) await flip({ archived: next });
      return response;
    }),
  },
  {
    does: "lets a stopped answer grow by the next snapshot",
    rule: "P4.17",
    says: /to be/,
    wrong: on("GET", "sessions/:", async (request, next) =>
      withJson(await next(request), (body) => {
        for (const turn of body["turns"] as { outcome?: string; parts: { text?: string }[] }[]) {
          const part = turn.parts[0];
          if (turn.outcome === "stopped" && part !== undefined) part.text = `${part.text ?? ""} more`;
        }
      }),
    ),
  },
];

/** What a stream says first. */
async function peek(response: Response): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("data: ")) {
    const next = await reader?.read();
    if (next === undefined || next.done) break;
    text += next.value;
  }
  await reader?.cancel();
  return text;
}
