import type { Reporter } from "../../src/backend/ports.ts";
import { API_PREFIX } from "../../src/protocol/routes.ts";
import { problem, type Problem } from "../../src/protocol/problems.ts";
import { headerOf, hostOf, isGone, urlOf, type NodeRequest, type NodeResponse } from "./exchange.ts";
import type { HostGuard } from "./host-guard.ts";
import { isOwnOrigin } from "./origin-guard.ts";
import type { Pages } from "./pages.ts";
import { respondProblem } from "./problem-response.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";
import type { StreamEndpoint } from "./stream-endpoint.ts";

export interface FrontOptions {
  readonly hosts: HostGuard;
  readonly allowedHosts: readonly string[];
  readonly stream: StreamEndpoint;
  readonly pages: Pages;
  readonly api: (request: NodeRequest, response: NodeResponse) => Promise<void>;
  readonly reporter: Reporter;
}

/** Matched on the raw text: a thousand streams that come back at once are not a thousand parsed addresses. */
const STREAM_URL = /^\/api\/sessions\/([^/?#]+)\/stream(\?.*)?$/;

/**
 * Where every request comes in:
 *
 *   is it meant for this host? → does it come from the app? → stream | API | page
 */
export function createFront(options: FrontOptions): (request: NodeRequest, response: NodeResponse) => void {
  /** What is wrong with a request before it is looked into. */
  function refusal(request: NodeRequest): Problem | undefined {
    const host = hostOf(request);
    if (!options.hosts.isAllowed(host)) {
      return problem(
        "forbidden-host",
        "This server does not answer to that host name. If it is yours, start the server with it in HOLDFAST_ALLOWED_HOSTS.",
      );
    }
    const origin = {
      method: request.method ?? "GET",
      host,
      origin: headerOf(request, "origin"),
      secFetchSite: headerOf(request, "sec-fetch-site"),
      secFetchMode: headerOf(request, "sec-fetch-mode"),
    };
    if (isOwnOrigin(origin, options.allowedHosts)) return undefined;
    return problem(
      "forbidden-origin",
      "This request was made by a page of another site. Only the app itself may do that.",
    );
  }

  async function handle(request: NodeRequest, response: NodeResponse): Promise<void> {
    const refused = refusal(request);
    const stream = STREAM_URL.exec(request.url ?? "");
    const sid = stream?.[1];
    if (refused === undefined && sid !== undefined && request.method === "GET") {
      const after = stream?.[2] === undefined ? undefined : new URLSearchParams(stream[2]).get("after");
      return options.stream.handle(request, response, sid, after ?? undefined);
    }
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    if (refused !== undefined) return respondProblem(request, response, refused);
    if (sid !== undefined) {
      response.setHeader("allow", "GET");
      return respondProblem(request, response, problem("method-not-allowed", "This address takes GET."));
    }
    const url = urlOf(request);
    if (url === undefined) {
      return respondProblem(
        request,
        response,
        problem("bad-request", "The address is malformed.", { field: "url" }),
      );
    }
    if (url.pathname === API_PREFIX || url.pathname.startsWith(`${API_PREFIX}/`)) {
      return options.api(request, response);
    }
    return options.pages.handle(request, response, url);
  }

  return (request, response) => {
    handle(request, response).catch((error: unknown) => {
      // Who has left in the meantime is an ordinary thing, and can't be answered.
      if (isGone(response)) return;
      options.reporter.warn(`${request.method} failed before it could be answered`, error);
      if (response.headersSent) response.end();
      else {
        const detail = "Something went wrong in the server; its log says more. Try again.";
        respondProblem(request, response, problem("internal", detail));
      }
    });
  };
}
