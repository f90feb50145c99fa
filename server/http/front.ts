import type { Reporter } from "../../src/backend/ports.ts";
import { API_PREFIX } from "../../src/protocol/routes.ts";
import { problem } from "../../src/protocol/problems.ts";
import { headerOf, hostOf, urlOf, type NodeRequest, type NodeResponse } from "./exchange.ts";
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

const STREAM_PATH = /^\/api\/sessions\/([^/]+)\/stream$/;

/**
 * Where every request comes in:
 *
 *   safe headers → is it meant for this host? → does it come from the app? → stream | API | page
 */
export function createFront(options: FrontOptions): (request: NodeRequest, response: NodeResponse) => void {
  async function handle(request: NodeRequest, response: NodeResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const url = urlOf(request);
    if (url === undefined) {
      return respondProblem(
        request,
        response,
        problem("bad-request", "The address is malformed.", { field: "url" }),
      );
    }
    const host = hostOf(request);
    if (!options.hosts.isAllowed(host)) {
      const detail =
        "This server does not answer to that host name. If it is yours, start the server with it in HOLDFAST_ALLOWED_HOSTS.";
      return respondProblem(request, response, problem("forbidden-host", detail));
    }
    const origin = {
      method: request.method ?? "GET",
      host,
      origin: headerOf(request, "origin"),
      secFetchSite: headerOf(request, "sec-fetch-site"),
      secFetchMode: headerOf(request, "sec-fetch-mode"),
    };
    if (!isOwnOrigin(origin, options.allowedHosts)) {
      const detail = "This request was made by a page of another site. Only the app itself may do that.";
      return respondProblem(request, response, problem("forbidden-origin", detail));
    }
    if (url.pathname !== API_PREFIX && !url.pathname.startsWith(`${API_PREFIX}/`)) {
      return options.pages.handle(request, response, url);
    }
    const sid = STREAM_PATH.exec(url.pathname)?.[1];
    if (sid === undefined) return options.api(request, response);
    if (request.method !== "GET") {
      response.setHeader("allow", "GET");
      return respondProblem(request, response, problem("method-not-allowed", "This address takes GET."));
    }
    return options.stream.handle(request, response, sid, url.searchParams);
  }

  return (request, response) => {
    handle(request, response).catch((error: unknown) => {
      options.reporter.warn(`${request.method} failed before it could be answered`, error);
      if (response.headersSent) response.end();
      else
        respondProblem(
          request,
          response,
          problem("internal", "Something went wrong in the server; its log says more. Try again."),
        );
    });
  };
}
