import { createServer, connect, type Server, type Socket } from "node:net";
import { once } from "node:events";

/**
 * What happens to connections:
 * `pass` everything goes through; `hole` bytes of open and new connections vanish both ways, without FIN or RST;
 * `hang` new connections are accepted and never answered; `refuse` new connections are reset.
 */
export type ChaosMode = "pass" | "hole" | "hang" | "refuse";

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket | undefined;
  /** Set for good: a connection that fell into a hole stays in it, as after a change of network. */
  isLost: boolean;
}

/** A TCP proxy on loopback that breaks connections the ways networks do. */
export class ChaosProxy {
  mode: ChaosMode = "pass";
  /** Holds back what the server sends, in order. Unit: ms. */
  delayMs = 0;
  #pairs = new Set<Pair>();
  #server: Server;
  #targetPort: number;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    server.on("connection", (client) => this.#accept(client));
  }

  static async listen(targetPort: number): Promise<ChaosProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new ChaosProxy(server, targetPort);
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Black-holes what is open now; new connections follow `mode`. */
  loseOpen(): void {
    for (const pair of this.#pairs) pair.isLost = true;
  }

  /** Resets what is open now. */
  rst(): void {
    for (const pair of this.#pairs) {
      pair.client.resetAndDestroy();
      pair.upstream?.destroy();
    }
  }

  /** Ends what is open now, as a server does that closes in good order. */
  fin(): void {
    for (const pair of this.#pairs) {
      pair.client.end();
      pair.upstream?.destroy();
    }
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const pair of this.#pairs) {
      pair.client.destroy();
      pair.upstream?.destroy();
    }
    if (this.#server.listening) await once(this.#server, "close");
  }

  #accept(client: Socket): void {
    if (this.mode === "refuse") {
      client.resetAndDestroy();
      return;
    }
    client.setNoDelay(true);
    const isDead = this.mode === "hang" || this.mode === "hole";
    const upstream = isDead ? undefined : connect(this.#targetPort, "127.0.0.1");
    upstream?.setNoDelay(true);
    const pair: Pair = { client, upstream, isLost: false };
    this.#pairs.add(pair);
    const isLost = (): boolean => pair.isLost || this.mode === "hole";

    client.on("data", (bytes) => {
      if (isLost()) pair.isLost = true;
      else upstream?.write(bytes);
    });
    upstream?.on("data", (bytes) => {
      const deliver = (): void => {
        if (isLost()) pair.isLost = true;
        else if (!client.destroyed) client.write(bytes);
      };
      if (this.delayMs > 0) setTimeout(deliver, this.delayMs);
      else deliver();
    });
    upstream?.on("end", () => {
      if (isLost()) return;
      if (this.delayMs > 0) setTimeout(() => client.end(), this.delayMs);
      else client.end();
    });
    client.on("end", () => {
      if (!isLost()) upstream?.end();
    });
    // A refused or broken upstream looks to the client like the reset that it is.
    upstream?.on("error", () => {
      if (!isLost()) client.resetAndDestroy();
    });
    client.on("error", () => upstream?.destroy());
    client.on("close", () => {
      this.#pairs.delete(pair);
      upstream?.destroy();
    });
  }
}
