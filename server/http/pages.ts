import { problem } from "../../src/protocol/problems.ts";
import type { Access } from "../auth/access.ts";
import {
  renderSignInPage,
  safeReturnPath,
  SIGN_IN_PATH,
  SIGN_IN_STYLE,
  SIGN_IN_STYLE_PATH,
} from "../auth/sign-in-page.ts";
import { signInProblem } from "./account-routes.ts";
import { isDocumentRequest, respond, type NodeRequest, type NodeResponse } from "./exchange.ts";
import { respondProblem } from "./problem-response.ts";
import { readBody } from "./request-body.ts";
import type { StaticFiles } from "./static-files.ts";

const HTML = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" } as const;
/** A password and a return path. Unit: bytes. */
const MAX_FORM_BYTES = 16_384;

/** Everything that is no API: the built app, and the sign-in page before it. */
export interface Pages {
  handle(request: NodeRequest, response: NodeResponse, url: URL): Promise<void>;
}

export function createPages(access: Access, files: StaticFiles): Pages {
  async function submitSignIn(request: NodeRequest, response: NodeResponse): Promise<void> {
    const body = await readBody(request, MAX_FORM_BYTES);
    if (!body.ok) return respondProblem(request, response, body.error);
    const form = new URLSearchParams(body.value.toString("utf8"));
    const to = safeReturnPath(form.get("to") ?? undefined);
    const password = form.get("password") ?? "";
    if (password === "" || password.length > 1024)
      return showSignIn(request, response, to, 400, "Enter the password.");
    const answer = await access.signIn(request, password);
    if (answer.kind === "accepted") {
      if (answer.setCookie !== undefined) response.setHeader("set-cookie", answer.setCookie);
      return respond(request, response, 303, { location: to, "cache-control": "no-store" });
    }
    const refusal = signInProblem(answer);
    if (refusal.retryMs !== undefined)
      response.setHeader("retry-after", String(Math.ceil(refusal.retryMs / 1000)));
    return showSignIn(request, response, to, refusal.status, refusal.detail);
  }

  return {
    async handle(request, response, url) {
      const path = url.pathname;
      const isRead = request.method === "GET" || request.method === "HEAD";
      if (path === SIGN_IN_PATH && request.method === "POST") return submitSignIn(request, response);
      if (!isRead) {
        const allow = path === SIGN_IN_PATH ? "GET, HEAD, POST" : "GET, HEAD";
        response.setHeader("allow", allow);
        return respondProblem(
          request,
          response,
          problem("method-not-allowed", `This address takes ${allow}.`),
        );
      }
      if (path === SIGN_IN_STYLE_PATH) {
        const headers = { "content-type": "text/css; charset=utf-8", "cache-control": "no-cache" };
        return respond(request, response, 200, headers, SIGN_IN_STYLE);
      }
      const admission = access.check(request);
      if (admission.kind === "signed-in" && admission.setCookie !== undefined) {
        response.setHeader("set-cookie", admission.setCookie);
      }
      if (path === SIGN_IN_PATH) {
        if (admission.kind !== "signed-out")
          return respond(request, response, 303, { location: "/", "cache-control": "no-store" });
        return showSignIn(request, response, safeReturnPath(url.searchParams.get("to") ?? undefined), 200);
      }
      if (admission.kind === "signed-out" && !files.isPublic(path)) {
        // 401, so that nothing takes this page for the app's: neither a cache nor a service worker.
        if (isDocumentRequest(request)) return showSignIn(request, response, safeReturnPath(path), 401);
        return respondProblem(request, response, problem("not-signed-in", "Sign in first."));
      }
      return showFile(request, response, path);
    },
  };

  async function showFile(request: NodeRequest, response: NodeResponse, path: string): Promise<void> {
    if (path !== "/" && files.has(path)) return files.send(request, response, path);
    const isPage = path === "/" || isDocumentRequest(request);
    if (isPage && files.isBuilt) return files.send(request, response, "/index.html");
    const detail = isPage
      ? 'The app is not built. Run "npm run build" and start the server again.'
      : "There is no such file. A page of an earlier build may ask for it: reload the page.";
    return respondProblem(request, response, problem("not-found", detail));
  }
}

function showSignIn(
  request: NodeRequest,
  response: NodeResponse,
  to: string,
  status: number,
  message?: string,
): void {
  respond(request, response, status, HTML, renderSignInPage({ to, message }));
}
