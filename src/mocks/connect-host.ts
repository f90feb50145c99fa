// oxlint-disable-next-line import/default -- the bundler answers with the address of what it has built
import mockWorkerUrl from "./mock-worker.ts?sharedworker&url";
import { createMockBackend } from "./mock-backend.ts";
import { serveRelay } from "./relay-host.ts";
import { overPort, type FromHost, type RelayPort, type ToHost } from "./relay-messages.ts";
import { holdPageLock } from "./page-lock.ts";
import { allowWorkerAddress } from "./worker-addresses.ts";

/**
 * Finds the one place that runs the backend: a SharedWorker that all tabs share. Where there is none (Chrome on
 * Android) this page runs it, and a second tab is told by 503 that another one does, until that one is closed.
 */
export async function connectHost(warn: (message: string) => void): Promise<RelayPort<FromHost, ToHost>> {
  const port = "SharedWorker" in globalThis ? connectWorker(warn) : runInPage(warn);
  const page = overPort<FromHost, ToHost>(port);
  // A page in the back/forward cache is not closed: it may come back and read on.
  addEventListener("pagehide", (event) => {
    if (!event.persisted) page.send({ kind: "close" });
  });
  page.send({ kind: "page", lock: await holdPageLock() });
  return page;
}

function connectWorker(warn: (message: string) => void): MessagePort {
  allowWorkerAddress(mockWorkerUrl);
  const worker = new SharedWorker(mockWorkerUrl, { type: "module", name: "holdfast-mock" });
  worker.addEventListener("error", () => warn("The worker that runs the mock could not be started."));
  return worker.port;
}

function runInPage(warn: (message: string) => void): MessagePort {
  const { port1, port2 } = new MessageChannel();
  serveRelay(overPort<ToHost, FromHost>(port2), createMockBackend(warn), () => undefined);
  return port1;
}
