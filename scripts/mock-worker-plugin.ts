import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const FILE = "mockServiceWorker.js";

/**
 * Runs before MSW's own listener: what is not the API's goes to the network as if there were no worker. MSW would
 * take every request and pass it on; for the modules of a SharedWorker it waits on `clients.get()` of that very
 * worker, which Firefox answers once the worker runs: it never does.
 */
const API_ONLY = `addEventListener("fetch", (event) => {
  if (!new URL(event.request.url).pathname.startsWith("/api/")) event.stopImmediatePropagation();
});
`;

function mockWorkerScript(): string {
  return API_ONLY + readFileSync(new URL(import.meta.resolve("msw/mockServiceWorker.js")), "utf8");
}

/**
 * Serves MSW's worker in development and puts it into mock builds, always of the MSW that is installed:
 * no copy of it lies in public/, and a production build has none.
 */
export function mockWorker(): Plugin {
  return {
    name: "holdfast-mock-worker",
    apply: (_config, { command, mode }) => command === "serve" || mode === "mock",
    configureServer(server) {
      server.middlewares.use(`/${FILE}`, (_request, response) => {
        response.setHeader("content-type", "text/javascript; charset=utf-8");
        response.setHeader("cache-control", "no-cache");
        response.end(mockWorkerScript());
      });
    },
    generateBundle() {
      this.emitFile({ type: "asset", fileName: FILE, source: mockWorkerScript() });
    },
  };
}
