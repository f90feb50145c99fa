import { once } from "node:events";
import { createServer } from "node:net";

/** Below what systems hand out by themselves to connections, where another one may take it before it is used; browsers refuse none of these. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;
const ATTEMPTS = 20;

/** A port of 127.0.0.1 on which nothing listens; it stays free while its server is stopped and started. */
export async function freePort(): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const probe = createServer();
    try {
      probe.listen(port, "127.0.0.1");
      await once(probe, "listening");
      probe.close();
      await once(probe, "close");
      return port;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}
