import {
  isStream,
  json,
  on,
  onStream,
  pathOf,
  withBlocks,
  withHeaders,
  withJson,
  withRequest,
  type Wrong,
  type WrongServer,
} from "./wrong-server.ts";

const right: Wrong = (request, next) => next(request);

/** Wrong in something that PROTOCOL §1, §2 or §5 says. */
export const WRONG_ENDPOINTS: readonly WrongServer[] = [
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
    does: "leaves `name` out of its health",
    rule: "P2.2",
    says: /P2\.2.*name/s,
    wrong: on("GET", "health", async (request, next) =>
      withJson(await next(request), (body) => delete body["name"]),
    ),
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
    does: "ends the streams of a deleted session without a word",
    rule: "P2.12",
    says: /ended before 1 bye/,
    wrong: onStream(async (request, next) =>
      withBlocks(await next(request), (block) => (block.startsWith("event: bye") ? [] : [block])),
    ),
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
    does: "answers 304 to any `If-None-Match`",
    rule: "P2.17",
    says: /expected 304 to be 200/,
    wrong: on("GET", "sessions/:", async (request, next) =>
      request.headers.has("if-none-match") ? new Response(null, { status: 304 }) : next(request),
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
    does: "answers the newest turns where those from one on are asked for",
    rule: "PX.20",
    says: /to deeply equal|to equal/,
    wrong: on("GET", "sessions/:", (request, next) =>
      next(withRequest(request, (query) => query.delete("from"))),
    ),
  },
  {
    does: "leaves out where a search that stopped early goes on",
    rule: "PX.19",
    says: /400|bad-request|before/,
    wrong: on("GET", "sessions/:/search", async (request, next) =>
      withJson(await next(request), (body) => delete body["next"]),
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
    does: "answers 410 for a session that never was",
    rule: "P2.49",
    says: /404/,
    wrong: async (request, next) => {
      const response = await next(request);
      return response.status === 404 ? json(410, {}) : response;
    },
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
