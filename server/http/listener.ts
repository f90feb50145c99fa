import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import { createSecureContext } from "node:tls";
import type { Config, TlsFiles } from "../config.ts";
import { problem } from "../../src/protocol/problems.ts";
import type { ServerLimits } from "../limits.ts";
import { StartError } from "../start-error.ts";
import { headerOf, type NodeRequest, type NodeResponse } from "./exchange.ts";
import { PROBLEM_TYPE } from "./problem-response.ts";

type Handler = (request: NodeRequest, response: NodeResponse) => void;

/**
 * Over HTTP/1.1 each answer is the last of its connection. A browser would keep the connection idle and put the next stream on
 * it; after a change of network or a laptop's sleep it is dead without knowing, and so are the others that wait: a stream
 * that has to come back would spend a connect's time limit on each of them. A new connection costs one round trip.
 */
function onConnectionsOfTheirOwn(handler: Handler): Handler {
  return (request, response) => {
    if ("shouldKeepAlive" in response) {
      const endConnection = (): void => {
        response.shouldKeepAlive = false;
      };
      // Refused before its body has come: closing then would reset the connection, and the answer would be lost with it.
      if (hasBody(request)) request.once("end", endConnection);
      else endConnection();
    }
    handler(request, response);
  };
}

function hasBody(request: NodeRequest): boolean {
  return (
    headerOf(request, "transfer-encoding") !== undefined ||
    Number(headerOf(request, "content-length") ?? 0) > 0
  );
}

export interface Listener {
  /** The real port, where 0 was asked for. */
  readonly port: number;
  /** Takes no more connections, waits up to `graceMs` for answers in flight, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** Requests one HTTP/2 connection may have open, streams included: a browser shares one among all its tabs. */
const MAX_CONCURRENT_STREAMS = 256;

/**
 * What one HTTP/2 connection may hold of answers that its client has not taken yet. Unit: MB. Beyond it Node refuses every
 * new request of that connection; its own 10 are fewer than one conversation with pictures, on its way to a slow phone.
 */
const MAX_CONNECTION_MB = 256;

/** How often a stop looks for connections that have become idle. Unit: ms. */
const IDLE_CHECK_MS = 50;

/**
 * Listens for HTTP/1.1, or with a certificate for HTTPS with HTTP/2 and HTTP/1.1 beside it.
 * @throws {StartError} when the address can't be had or the certificate can't be used
 */
export async function listen(config: Config, limits: ServerLimits, handler: Handler): Promise<Listener> {
  const take = onConnectionsOfTheirOwn(handler);
  const server = config.tls === undefined ? createServer(take) : createTlsServer(config.tls, take);
  // What a client may take for its request. An answer, and so a stream, may take for ever: `timeout` stays 0.
  Object.assign(server, {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
  });
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  server.on("connection", (socket: Socket) => {
    // Small frames leave at once, under TLS too.
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("session", (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    // A client that breaks its connection is an ordinary thing.
    session.on("error", () => undefined);
  });
  server.on("clientError", answerBrokenRequest);

  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new StartError(listenFailure(config, error), { cause: error })),
    );
    server.listen(config.port, config.host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : config.port);
    });
  });

  return {
    port,
    close: (graceMs) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, graceMs);
        // A connection whose answer was still on its way would be kept for the next request, and hold the stop up.
        const closeIdle = (): void => {
          if ("closeIdleConnections" in server) server.closeIdleConnections();
        };
        const idle = setInterval(closeIdle, IDLE_CHECK_MS);
        server.close(() => {
          clearTimeout(cut);
          clearInterval(idle);
          resolve();
        });
        for (const session of sessions) session.close();
        closeIdle();
      }),
  };
}

function createTlsServer(files: TlsFiles, handler: Handler): Server | Http2SecureServer {
  const cert = readPem("HOLDFAST_TLS_CERT", files.certFile);
  const key = readPem("HOLDFAST_TLS_KEY", files.keyFile);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(
      `HOLDFAST_TLS_CERT and HOLDFAST_TLS_KEY can't be used together (${why}). Both must be PEM files, and the key that of the certificate.`,
      { cause: error },
    );
  }
  const settings = { maxConcurrentStreams: MAX_CONCURRENT_STREAMS };
  const options = {
    allowHTTP1: true,
    minVersion: "TLSv1.2",
    settings,
    maxSessionMemory: MAX_CONNECTION_MB,
  } as const;
  return createSecureServer({ cert, key, ...options }, handler);
}

function readPem(variable: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new StartError(
      `${variable}=${JSON.stringify(file)} can't be read (${code}). Name a PEM file this user may read.`,
      {
        cause: error,
      },
    );
  }
}

function listenFailure({ host, port }: Config, error: NodeJS.ErrnoException): string {
  switch (error.code ?? "") {
    case "EADDRINUSE":
      return `Port ${port} of ${host} is taken by another program. Stop it, or choose another port, e.g. PORT=${port === 65_535 ? port - 1 : port + 1}.`;
    case "EACCES":
      return `Port ${port} may not be used by this user. Choose one from 1024 on, e.g. PORT=4173.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `HOST=${JSON.stringify(host)} is no address of this machine. Use 127.0.0.1, or 0.0.0.0 for every network.`;
    default:
      return `Can't listen on ${host} port ${port} (${error.code ?? error.message}). Choose others with HOST and PORT.`;
  }
}

/** By Node's error code; anything else is a 400. */
const BROKEN_REQUEST_STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/** What Node could not make a request of. There is no response object to answer with. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status = BROKEN_REQUEST_STATUS[error.code ?? ""] ?? "400 Bad Request";
  const body = JSON.stringify(
    problem("bad-request", "This is not a request that HTTP/1.1 knows. Check it and send it again."),
  );
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
