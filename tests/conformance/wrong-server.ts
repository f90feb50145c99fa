import type { ConformanceTarget } from "./target.ts";

type Fetch = ConformanceTarget["fetch"];

/** What a server that breaks a rule does to one request; `next` is the reference backend. */
export type Wrong = (request: Request, next: Fetch) => Promise<Response>;

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

/** The pieces of the path after `/api`. */
export function pathOf(request: Request): readonly string[] {
  return new URL(request.url).pathname.split("/").slice(2);
}

export function isStream(request: Request): boolean {
  return pathOf(request).at(-1) === "stream";
}

/** The same request with another query or other headers. */
export function withRequest(
  request: Request,
  change: (query: URLSearchParams, headers: Headers) => void,
): Request {
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  change(url.searchParams, headers);
  return new Request(new Request(url, request), { headers });
}

/** Answers with `change` made to the JSON of a 2xx answer. */
export async function withJson(
  response: Response,
  change: (body: Record<string, unknown>) => void,
): Promise<Response> {
  if (response.status !== 200 && response.status !== 201) return response;
  const body = (await response.json()) as Record<string, unknown>;
  change(body);
  return new Response(JSON.stringify(body), response);
}

/** Answers with other headers; undefined takes one away. */
export function withHeaders(
  response: Response,
  changes: Readonly<Record<string, string | undefined>>,
): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) headers.delete(name);
    else headers.set(name, value);
  }
  return new Response(response.body, { status: response.status, headers });
}

export function json(status: number, body: unknown, type = "application/json"): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": type, "cache-control": "no-store" },
  });
}

/** Answers with every block of an event stream, blank line excluded, put through `change`: none, one or several come out. */
export function withBlocks(
  response: Response,
  change: (block: string) => readonly string[] | Promise<readonly string[]>,
): Response {
  let rest = "";
  const body = response.body
    ?.pipeThrough(new TextDecoderStream("utf-8", { ignoreBOM: true }))
    .pipeThrough(
      new TransformStream<string, string>({
        async transform(chunk, controller) {
          const blocks = (rest + chunk).split("\n\n");
          rest = blocks.pop() ?? "";
          for (const block of blocks)
            for (const changed of await change(block)) controller.enqueue(`${changed}\n\n`);
        },
      }),
    )
    .pipeThrough(new TextEncoderStream());
  return new Response(body ?? null, response);
}

interface Frame {
  from: number;
  seq: number;
  events: Record<string, unknown>[];
}

/** Answers with every log frame of a stream put through `change`. */
export function withFrames(response: Response, change: (frame: Frame) => Frame | undefined): Response {
  return withBlocks(response, (block) => {
    const [id = "", data = ""] = block.split("\ndata: ");
    if (!id.startsWith("id: ")) return [block];
    const frame = change(JSON.parse(data) as Frame);
    return frame === undefined ? [] : [`${id}\ndata: ${JSON.stringify(frame)}`];
  });
}

/** A wrong answer of the stream alone. */
export function onStream(wrong: Wrong): Wrong {
  return (request, next) => (isStream(request) ? wrong(request, next) : next(request));
}

/** A wrong answer to one method of paths of that shape, `:` standing for any piece. */
export function on(method: string, shape: string, wrong: Wrong): Wrong {
  const pieces = shape.split("/");
  return (request, next) => {
    const path = pathOf(request);
    const fits =
      request.method === method &&
      path.length === pieces.length &&
      pieces.every((piece, index) => piece === ":" || piece === path[index]);
    return fits ? wrong(request, next) : next(request);
  };
}

/** Moves the cursor that a reader begins from by `by`. */
export function movedCursor(request: Request, by: number): Request {
  return withRequest(request, (query) => {
    const [epoch = "", seq = ""] = query.get("after")?.split(".") ?? [];
    if (/^[1-9]\d{0,8}$/.test(seq)) query.set("after", `${epoch}.${Number(seq) + by}`);
  });
}
