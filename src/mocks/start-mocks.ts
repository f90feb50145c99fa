import { http } from "msw/http";
import { setupWorker } from "msw/browser";
import { API_PREFIX } from "../protocol/routes.ts";
import { connectHost } from "./connect-host.ts";
import { createFaultInjector, type FaultControl } from "./fault-injector.ts";
import { mountFaultPanel } from "./fault-panel.ts";
import { createRelayClient } from "./relay-client.ts";
import type { AdminAction } from "./relay-messages.ts";
import { allowWorkerAddress } from "./worker-addresses.ts";

/** What tests and the console may do to the mock; in mock builds only. */
interface HoldfastMock {
  readonly faults: FaultControl;
  readonly admin: (action: AdminAction) => Promise<void>;
}

declare global {
  // oxlint-disable-next-line no-var -- only `var` declares a property of globalThis
  var __holdfastMock: HoldfastMock | undefined;
}

/**
 * Answers `/api` in the browser: no server, no network. Resolves when requests are answered; call it before the
 * first one. Everything is kept in a database of its own, so a reload finds its sessions and running answers go on.
 *
 *   page: fetch, EventSource → MSW's worker → this page: faults → relay → SharedWorker: backend → IndexedDB
 */
export async function startMocks(): Promise<void> {
  const relay = createRelayClient(await connectHost(warn), warn);
  const { fetch, control } = createFaultInjector(relay.fetch);
  const worker = setupWorker(http.all(`${location.origin}${API_PREFIX}/*`, ({ request }) => fetch(request)));
  const url = `${import.meta.env.BASE_URL}mockServiceWorker.js`;
  allowWorkerAddress(url);
  await worker.start({
    // Not for silence: MSW clones every response for its log, and a cloned stream is never cancelled.
    quiet: true,
    onUnhandledFrame: "bypass",
    serviceWorker: { url },
  });
  globalThis.__holdfastMock = { faults: control, admin: relay.admin };
  mountFaultPanel(document.body, control, relay.admin);
}

function warn(message: string): void {
  // oxlint-disable-next-line no-console -- the mock is a developer's tool and speaks where developers look
  console.warn(`[mock] ${message}`);
}
