import { createMockBackend } from "./mock-backend.ts";
import { overPort, type FromHost, type ToHost } from "./relay-messages.ts";
import { serveRelay } from "./relay-host.ts";
import { watchPageLock } from "./page-lock.ts";

/*
 * The SharedWorker that runs the mock's backend: one for all tabs, so that there is one log and one writer, as with a
 * server; its timers are not slowed down in a hidden tab. It dies with the last tab; the next one resumes the log.
 */
const ports = new Set<(message: string) => void>();
const served = createMockBackend((message) => {
  for (const warn of ports) warn(message);
});

globalThis.addEventListener("connect", (event) => {
  if (!(event instanceof MessageEvent)) return;
  for (const messagePort of event.ports) {
    const port = overPort<ToHost, FromHost>(messagePort);
    const warn = (message: string): void => port.send({ kind: "warn", message });
    ports.add(warn);
    const close = serveRelay(port, served, (lock, gone) =>
      watchPageLock(lock, () => {
        ports.delete(warn);
        gone();
        messagePort.close();
      }),
    );
    messagePort.addEventListener("close", close);
  }
});
