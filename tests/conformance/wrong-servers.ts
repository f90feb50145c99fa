import {
  isStream,
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
} from "./wrong-server.ts";

/** A server that is right in all but one thing, and the rule that says so. */
export interface WrongServer {
  readonly does: string;
  /** The rule whose test must fail. */
  readonly rule: string;
  /** What the failure says: it must fail for this, not for another reason. */
  readonly says: RegExp;
  /** What it should say never comes, and the test has to give up waiting. */
  readonly isSilent?: true;
  readonly wrong: Wrong;
  readonly disk?: { readonly keepsEpochs?: true; readonly isLateByMs?: number };
}

const right: Wrong = (request, next) => next(request);

export const WRONG_SERVERS: readonly WrongServer[] = [
  {
    does: "leaves `name` out of its health",
    rule: "P2.2",
    says: /P2\.2.*name/s,
    wrong: on("GET", "health", async (request, next) =>
      withJson(await next(request), (body) => delete body["name"]),
    ),
  },
  {
    does: "keeps the epochs of a restored backup",
    rule: "P1.6",
    says: /not to be/,
    wrong: right,
    disk: { keepsEpochs: true },
  },
  {
    does: "leaves `turn-ended` to those who were there",
    rule: "P1.10",
    says: /to deeply equal/,
    wrong: onStream(async (request, next) => {
      let isLive = false;
      return withBlocks(await next(request), (block) => {
        if (block.startsWith("event: caught-up")) isLive = true;
        if (isLive || !block.startsWith("id: ")) return [block];
        const [id = "", data = ""] = block.split("\ndata: ");
        const frame = JSON.parse(data) as { events: { type: string }[] };
        frame.events = frame.events.filter((event) => event.type !== "turn-ended");
        return [`${id}\ndata: ${JSON.stringify(frame)}`];
      });
    }),
  },
  {
    does: "lists the oldest session first",
    rule: "P2.5",
    says: /to deeply equal/,
    wrong: on("GET", "sessions", async (request, next) =>
      withJson(
        await next(request),
        (body) => (body["sessions"] = (body["sessions"] as unknown[]).toReversed()),
      ),
    ),
  },
  {
    does: "ignores `limit` of the list",
    rule: "P2.6",
    says: /less than or equal to 2/,
    wrong: on("GET", "sessions", (request, next) =>
      next(withRequest(request, (query) => query.delete("limit"))),
    ),
  },
  {
    does: "moves `updatedAt` with every word",
    rule: "P2.8",
    says: /to be \d+/,
    wrong: on("GET", "sessions", async (request, next) =>
      withJson(await next(request), (body) => {
        for (const row of body["sessions"] as { running: number; updatedAt: number }[]) {
          if (row.running > 0) row.updatedAt = Date.now();
        }
      }),
    ),
  },
  {
    does: "answers 304 to any `If-None-Match`",
    rule: "P2.17",
    says: /expected 304 to be 200/,
    wrong: on("GET", "sessions/:", async (request, next) =>
      request.headers.has("if-none-match") ? new Response(null, { status: 304 }) : next(request),
    ),
  },
  {
    does: "never answers 304",
    rule: "P2.9",
    says: /304/,
    wrong: on("GET", "sessions", (request, next) =>
      next(withRequest(request, (_query, headers) => headers.delete("if-none-match"))),
    ),
  },
  {
    does: "renames a session that is created again",
    rule: "P2.10",
    says: /First/,
    wrong: on("PUT", "sessions/:", async (request, next) => {
      const again = request.clone();
      const response = await next(request);
      if (response.status !== 200) return response;
      return next(new Request(new Request(again, { method: "PATCH" })));
    }),
  },
  {
    does: "answers a deletion before it has deleted",
    rule: "P2.13",
    says: /410/,
    wrong: on("DELETE", "sessions/:", (request, next) => {
      setTimeout(() => void next(request).catch(() => undefined), 300);
      return Promise.resolve(new Response(null, { status: 204 }));
    }),
  },
  {
    does: "answers a late send to a deleted session as if it had taken it",
    rule: "P2.13",
    says: /410/,
    wrong: on("POST", "sessions/:/turns", async (request, next) => {
      const response = await next(request);
      return response.status === 410 ? json(202, {}) : response;
    }),
  },
  {
    does: "says `not-found` where a session is deleted",
    rule: "P2.13",
    says: /deleted/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) => [
        block.replace('"reason":"deleted"', '"reason":"not-found"'),
      ]),
    ),
  },
  {
    does: "gives a snapshot a cursor that lies behind its text",
    rule: "P2.14",
    says: /goes on where the snapshot ends|after seq/,
    wrong: on("GET", "sessions/:", async (request, next) =>
      withJson(await next(request), (body) => {
        const [epoch = "", seq = ""] = String(body["cursor"]).split(".");
        if (Number(seq) > 3) body["cursor"] = `${epoch}.${Number(seq) - 1}`;
      }),
    ),
  },
  {
    does: "gives a snapshot a cursor that lies ahead of its text",
    rule: "P2.14",
    says: /goes on where the snapshot ends/,
    wrong: on("GET", "sessions/:", async (request, next) => {
      const older = await next(request.clone());
      const body = (await older.clone().json()) as { turns: { status: string }[] };
      if (!body.turns.some((turn) => turn.status === "running")) return older;
      await new Promise((resolve) => setTimeout(resolve, 30));
      const newer = (await (await next(request)).json()) as { cursor: string };
      return withJson(older, (fields) => (fields["cursor"] = newer.cursor));
    }),
  },
  {
    does: "ignores `turns` of a snapshot",
    rule: "P2.15",
    says: /to deeply equal/,
    wrong: on("GET", "sessions/:", (request, next) =>
      next(withRequest(request, (query) => query.delete("turns"))),
    ),
  },
  {
    does: "ignores `limit` of a page of the log",
    rule: "P2.19",
    says: /limit/,
    wrong: on("GET", "sessions/:/events", (request, next) =>
      next(withRequest(request, (query) => query.delete("limit"))),
    ),
  },
  {
    does: "says `hasMore: false` before the end of the log",
    rule: "P2.19",
    says: /expected \d+ to be \d+/,
    wrong: on("GET", "sessions/:/events", async (request, next) =>
      withJson(await next(request), (body) => (body["hasMore"] = false)),
    ),
  },
  {
    does: "accepts a send before it is in the log",
    rule: "P2.21",
    says: /to deep equally contain/,
    wrong: on("POST", "sessions/:/turns", (request, next) => {
      setTimeout(() => void next(request).catch(() => undefined), 100);
      return Promise.resolve(json(202, {}));
    }),
  },
  {
    does: "runs a resent turn again",
    rule: "P2.22",
    says: /200/,
    wrong: on("POST", "sessions/:/turns", async (request, next) => {
      const body = (await request.clone().json()) as { id: string };
      const response = await next(request);
      if (response.status !== 200) return response;
      const id = crypto.randomUUID();
      return next(
        new Request(request.url, {
          method: "POST",
          headers: request.headers,
          body: JSON.stringify({ ...body, id }),
        }),
      );
    }),
  },
  {
    does: "answers 200 to another text under a known turn id",
    rule: "P2.23",
    says: /409/,
    wrong: on("POST", "sessions/:/turns", async (request, next) => {
      const response = await next(request);
      return response.status === 409 ? json(200, {}) : response;
    }),
  },
  {
    does: "queues what should steer",
    rule: "P2.25",
    isSilent: true,
    says: /waited|to deeply equal/,
    wrong: on("POST", "sessions/:/turns", (request, next) => withMode(request, "steer", next)),
  },
  {
    does: "queues what should run beside",
    rule: "P2.27",
    isSilent: true,
    says: /waited/,
    wrong: on("POST", "sessions/:/turns", (request, next) => withMode(request, "parallel", next)),
  },
  {
    does: "runs what was withdrawn",
    rule: "P2.32",
    says: /to deeply equal/,
    wrong: on("DELETE", "sessions/:/turns/:", () => Promise.resolve(new Response(null, { status: 204 }))),
  },
  {
    does: "stops whatever runs, not the turn that was named",
    rule: "P2.34",
    says: /complete/,
    wrong: on("POST", "sessions/:/turns/:/stop", async (request, next) => {
      const at = request.url.replace(/\/turns\/.*$/, "");
      const { turns } = (await (await next(new Request(at))).json()) as {
        turns: { id: string; status: string }[];
      };
      const running = turns.find((turn) => turn.status === "running");
      if (running === undefined) return next(request);
      return next(new Request(`${at}/turns/${running.id}/stop`, { method: "POST" }));
    }),
  },
  {
    does: "takes a second answer to an approval",
    rule: "P2.38",
    says: /length of 1/,
    wrong: on("POST", "sessions/:/approvals/:", async (request, next) => {
      const response = await next(request);
      return response.status === 409 ? json(200, {}) : response;
    }),
  },
  {
    does: "refuses with plain JSON instead of a problem detail",
    rule: "P2.40",
    says: /problem\\?\+json/,
    wrong: async (request, next) => {
      const response = await next(request);
      return response.status < 400 ? response : withHeaders(response, { "content-type": "application/json" });
    },
  },
  {
    does: "does not say which field is wrong",
    rule: "P2.42",
    says: /field/,
    wrong: async (request, next) => {
      const response = await next(request);
      if (response.status !== 400) return response;
      const { field: _field, ...rest } = (await response.json()) as Record<string, unknown>;
      return json(400, rest, "application/problem+json");
    },
  },
  {
    does: "cuts a text that is too long",
    rule: "P2.43",
    says: /400/,
    wrong: on("POST", "sessions/:/turns", async (request, next) => {
      const body = (await request.clone().json()) as { text: string };
      const cut = { ...body, text: body.text.slice(0, 1_048_576) };
      return next(
        new Request(request.url, { method: "POST", headers: request.headers, body: JSON.stringify(cut) }),
      );
    }),
  },
  {
    does: "does not say that an answer must not be kept",
    rule: "P2.47",
    says: /cache-control/,
    wrong: async (request, next) =>
      isStream(request) ? next(request) : withHeaders(await next(request), { "cache-control": undefined }),
  },
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
    does: "ends its lines with CRLF",
    rule: "P3.29",
    says: /CR/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) => [block.replace("\n", "\r\n")]),
    ),
  },
  {
    does: "shows its turns in the order of their sending",
    rule: "P2.48",
    says: /to deeply equal/,
    wrong: on("GET", "sessions/:", async (request, next) =>
      withJson(await next(request), (body) => {
        (body["turns"] as { queuedAt: number }[]).sort((a, b) => a.queuedAt - b.queuedAt);
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
    does: "turns half a character into U+FFFD",
    rule: "P3.28",
    says: /ud83d|\ufffd|to match object/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) => [block.replaceAll("\\ud83dh", "\ufffdh")]),
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
  {
    does: "answers 500 where the wrong method is used",
    rule: "PX.5",
    says: /405/,
    wrong: async (request, next) => {
      const response = await next(request);
      return response.status === 405 ? new Response("oops", { status: 500 }) : response;
    },
  },
  {
    does: "ends the streams of a deleted session without a word",
    rule: "P2.12",
    says: /ended before 1 bye/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) => (block.startsWith("event: bye") ? [] : [block])),
    ),
  },
  {
    does: "begins its log anew for a cursor that `/events` cannot go on from",
    rule: "P2.20",
    says: /409/,
    wrong: on("GET", "sessions/:/events", async (request, next) => {
      const response = await next(request.clone());
      return response.status === 409
        ? next(withRequest(request, (query) => query.delete("after")))
        : response;
    }),
  },
  {
    does: "refuses to stop what has ended",
    rule: "P2.36",
    says: /202/,
    wrong: on("POST", "sessions/:/turns/:/stop", async (request, next) => {
      const at = request.url.replace(/\/turns\/.*$/, "");
      const { turns } = (await (await next(new Request(at))).json()) as {
        turns: { id: string; status: string }[];
      };
      const ended = turns.some((turn) => turn.status === "ended" && turn.id === pathOf(request)[3]);
      return ended ? json(409, {}) : next(request);
    }),
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
    does: "answers 410 for a session that never was",
    rule: "P2.49",
    says: /404/,
    wrong: async (request, next) => {
      const response = await next(request);
      return response.status === 404 ? json(410, {}) : response;
    },
  },
];

async function withMode(
  request: Request,
  mode: string,
  next: (request: Request) => Promise<Response>,
): Promise<Response> {
  const body = (await request.clone().json()) as { mode?: string };
  const changed = body.mode === mode ? { ...body, mode: "queue", steers: undefined } : body;
  return next(
    new Request(request.url, { method: "POST", headers: request.headers, body: JSON.stringify(changed) }),
  );
}

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
