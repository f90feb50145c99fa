import { Hono } from "hono";
import type { Http2Bindings, HttpBindings } from "@hono/node-server";
import type { Backend } from "../../src/backend/backend-types.ts";
import type { Reporter } from "../../src/backend/ports.ts";
import { problem } from "../../src/protocol/problems.ts";
import type { Access } from "../auth/access.ts";
import type { ServerLimits } from "../limits.ts";
import { accountRoutes } from "./account-routes.ts";
import { answerProblem, type ApiContext } from "./json-answer.ts";
import { sessionRoutes } from "./session-routes.ts";
import { turnRoutes } from "./turn-routes.ts";

export interface ApiOptions {
  readonly backend: Backend;
  readonly access: Access;
  readonly limits: ServerLimits;
  readonly reporter: Reporter;
  /** Version of the build. */
  readonly version: string;
  /** Differs with every life of the server. */
  readonly incarnation: string;
}

type Method = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";

/** One row of PROTOCOL §2. */
export interface ApiRoute {
  readonly method: Method;
  /** Below `/api`, as Hono writes it. */
  readonly path: string;
  /** May be called without a cookie. */
  readonly isPublic?: boolean;
  answer(context: ApiContext): Promise<Response>;
}

/** All of PROTOCOL §2 but the stream, which is written past it. Whatever goes wrong is a problem document. */
export function createApiApp(options: ApiOptions): Hono<{ Bindings: HttpBindings | Http2Bindings }> {
  const app = new Hono<{ Bindings: HttpBindings | Http2Bindings }>().basePath("/api");
  const routes: readonly ApiRoute[] = [
    ...accountRoutes(options),
    ...sessionRoutes(options),
    ...turnRoutes(options),
  ];
  const publicPaths = new Set(routes.filter((route) => route.isPublic).map((route) => `/api${route.path}`));

  app.use(async (context, next) => {
    const admission = options.access.check(context.env.incoming);
    if (admission.kind === "signed-out" && !publicPaths.has(context.req.path)) {
      return answerProblem(context, problem("not-signed-in", "Sign in first."));
    }
    await next();
    if (
      admission.kind === "signed-in" &&
      admission.setCookie !== undefined &&
      !context.res.headers.has("set-cookie")
    ) {
      context.header("set-cookie", admission.setCookie);
    }
    return undefined;
  });

  for (const route of routes) app.on(route.method, route.path, (context) => route.answer(context));
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map((route) => route.method);
    // Hono answers HEAD by GET.
    const allow = [...methods, ...(methods.includes("GET") ? ["HEAD"] : [])].join(", ");
    app.all(path, (context) =>
      answerProblem(context, problem("method-not-allowed", `This address takes ${allow}.`), { allow }),
    );
  }

  app.notFound((context) =>
    answerProblem(context, problem("not-found", "There is nothing at this address of the API.")),
  );
  app.onError((error, context) => {
    options.reporter.warn(`${context.req.method} ${context.req.routePath} failed`, error);
    return answerProblem(
      context,
      problem("internal", "Something went wrong in the server; its log says more. Try again."),
    );
  });
  return app;
}
