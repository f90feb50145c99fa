import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";

/** One request over HTTP/1.1 or HTTP/2: what Node's two sets of classes have in common. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** One value of a header, whatever Node makes of repeated ones. */
export function headerOf(request: NodeRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** `Host`, or what HTTP/2 has in its place. */
export function hostOf(request: NodeRequest): string | undefined {
  return headerOf(request, ":authority") ?? headerOf(request, "host");
}

/** Path and query. A request line may be a whole address, or nonsense: undefined. */
export function urlOf(request: NodeRequest): URL | undefined {
  const text = request.url ?? "/";
  // "//x" would be read as a host name.
  const path = text.startsWith("/") ? `http://localhost${text}` : text;
  return URL.canParse(path) ? new URL(path) : undefined;
}

export function addressOf(request: NodeRequest): string {
  return request.socket?.remoteAddress ?? "";
}

/** Whether nobody is there any more to be answered. */
export function isGone(response: NodeResponse): boolean {
  return "stream" in response ? response.stream.destroyed : response.destroyed;
}

/** Whether the other side asked for a page to look at, rather than for data. */
export function isDocumentRequest(request: NodeRequest): boolean {
  const destination = headerOf(request, "sec-fetch-dest");
  if (destination !== undefined) return destination === "document";
  return (headerOf(request, "accept") ?? "").includes("text/html");
}

/** Answers with a whole body at once. Sends none for HEAD, with the same headers. */
export function respond(
  request: NodeRequest,
  response: NodeResponse,
  status: number,
  headers: Readonly<Record<string, string | number>>,
  body: string | Uint8Array = "",
): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (status !== 204 && status !== 304) response.setHeader("content-length", bytes.byteLength);
  response.statusCode = status;
  const isBodiless = request.method === "HEAD" || status === 204 || status === 304;
  // An unread body would keep the connection from its next request.
  request.resume();
  if (isBodiless) response.end();
  else response.end(bytes);
}
