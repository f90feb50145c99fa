import { getRequestListener } from "@hono/node-server";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { createBackend } from "../src/backend/backend.ts";
import type { Backend } from "../src/backend/backend-types.ts";
import type { AgentDirectory, Clock, LogStore, Random, Reporter } from "../src/backend/ports.ts";
import { createAgentDirectory } from "./agents/agent-directory.ts";
import { createAccess } from "./auth/access.ts";
import { openSignIns } from "./auth/sign-ins.ts";
import { readBuildVersion } from "./build-version.ts";
import { isLoopback, isWildcard, type Config } from "./config.ts";
import { createApiApp } from "./http/api-app.ts";
import { createFront } from "./http/front.ts";
import { createHostGuard } from "./http/host-guard.ts";
import { listen } from "./http/listener.ts";
import { createPages } from "./http/pages.ts";
import { readStaticFiles } from "./http/static-files.ts";
import { createStreamEndpoint } from "./http/stream-endpoint.ts";
import { DEFAULT_LIMITS, type ServerLimits } from "./limits.ts";
import { createSqliteStore } from "./sqlite-store.ts";
import { StartError } from "./start-error.ts";
import { stderrReporter } from "./stderr-reporter.ts";
import { openDataFolder, type DataFolder } from "./store/data-folder.ts";
import { systemClock } from "./system-clock.ts";
import { systemRandom } from "./system-random.ts";

/** What a test or a bench puts in the place of the real thing. */
export interface ServerOverrides {
  readonly limits?: Partial<ServerLimits>;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly reporter?: Reporter;
  readonly agents?: AgentDirectory;
  /** Where the built app is. Default: `dist` beside this folder. */
  readonly distDir?: string;
  /** Stands between the backend and the store, e.g. to fail. */
  readonly wrapStore?: (store: LogStore) => LogStore;
  readonly heartbeatMs?: number;
  readonly groupCommitMs?: number;
  readonly stalledReaderMs?: number;
  /** How long a database that another program has locked is waited for. Unit: ms. */
  readonly busyLimitMs?: number;
}

export interface RunningServer {
  /** Where to open it, with a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Whether the app is there to be served. */
  readonly isBuilt: boolean;
  readonly backend: Backend;
  readonly agents: AgentDirectory;
  /** The planned end: `bye draining` to every stream, running turns interrupted, everything committed, the folder let go. Idempotent. */
  close(): Promise<void>;
}

/**
 * Builds and starts the whole server. Tests build the same one, on port 0.
 * @throws {StartError} with one line for the operator, when something outside is in the way
 */
export async function startServer(config: Config, overrides: ServerOverrides = {}): Promise<RunningServer> {
  const folder = openDataFolder(config.dataDir);
  if (!folder.ok) throw new StartError(folder.error);
  try {
    return await startIn(folder.value, config, overrides);
  } catch (error) {
    folder.value.close();
    throw error;
  }
}

async function startIn(
  folder: DataFolder,
  config: Config,
  overrides: ServerOverrides,
): Promise<RunningServer> {
  const limits = { ...DEFAULT_LIMITS, ...overrides.limits };
  const clock = overrides.clock ?? systemClock;
  const random = overrides.random ?? systemRandom;
  const reporter = overrides.reporter ?? stderrReporter;
  const distDir = overrides.distDir ?? join(import.meta.dirname, "..", "dist");
  const version = readBuildVersion(distDir);
  const files = readStaticFiles(distDir);
  const agents = overrides.agents ?? createAgentDirectory({ config: config.models, clock });
  const now = (): number => clock.now();
  const signIns =
    config.password === undefined
      ? undefined
      : await openSignIns({
          database: folder.database,
          password: config.password,
          now,
          lifetimeMs: limits.signInLifetimeMs,
          maxSignIns: limits.maxSignIns,
          reporter,
        });
  const access = createAccess(signIns, { isHttps: config.tls !== undefined, limits, now });

  const store = createSqliteStore(folder.database, {
    isInPlace: () => folder.isInPlace(),
    ...(overrides.busyLimitMs === undefined ? {} : { busyLimitMs: overrides.busyLimitMs }),
  });
  // The port first: a start that fails for it must not have begun, and broken off, the turns that wait.
  let front: ReturnType<typeof createFront> | undefined;
  const listener = await listen(config, limits, (request, response) => {
    if (front === undefined) request.socket.destroy();
    else front(request, response);
  });

  const creating = createBackend({
    store: overrides.wrapStore?.(store) ?? store,
    agents,
    clock,
    random,
    reporter,
    version,
    maxSessions: limits.maxSessions,
    heartbeatMs: overrides.heartbeatMs ?? config.heartbeatMs,
    ...(overrides.groupCommitMs === undefined ? {} : { groupCommitMs: overrides.groupCommitMs }),
    ...(overrides.stalledReaderMs === undefined ? {} : { stalledReaderMs: overrides.stalledReaderMs }),
  });
  const backend = await creating.catch(async (error: unknown) => {
    await listener.close(0);
    throw error;
  });

  const api = createApiApp({ backend, access, limits, reporter, version, incarnation: random.epoch() });
  front = createFront({
    hosts: createHostGuard(config),
    allowedHosts: config.allowedHosts,
    stream: createStreamEndpoint({ backend, access, clock, limits }),
    pages: createPages(access, files),
    // The platform's own Request and Response stay in place: model calls use them too.
    api: getRequestListener((request, env) => api.fetch(request, env), { overrideGlobalObjects: false }),
    reporter,
  });

  let stopSweeping = (): void => undefined;
  const sweepLater = (): void => {
    stopSweeping = clock.setTimer(limits.signInSweepMs, () => {
      signIns?.endExpired();
      sweepLater();
    });
  };
  if (signIns !== undefined) sweepLater();

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    stopSweeping();
    await backend.drain(limits.drainRetryMs);
    await listener.close(limits.shutdownGraceMs);
    folder.close();
  }
  return {
    url: `${config.tls === undefined ? "http" : "https"}://${shownHost(config.host)}:${listener.port}/`,
    port: listener.port,
    isBuilt: files.isBuilt,
    backend,
    agents,
    close: () => (closing ??= close()),
  };
}

/** An address that a browser on this machine can open. */
function shownHost(host: string): string {
  if (isWildcard(host)) return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}

/** Where other machines of the network find a server that listens on all of it. */
export function networkUrls(config: Config, port: number): readonly string[] {
  if (!isWildcard(config.host)) return [];
  const scheme = config.tls === undefined ? "http" : "https";
  return Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter((entry) => entry.family === "IPv4" && !entry.internal)
    .map((entry) => `${scheme}://${entry.address}:${port}/`);
}

/** Whether browsers on other machines would take this server for an insecure one: no service worker, no notifications. */
export function isInsecureElsewhere(config: Config): boolean {
  return config.tls === undefined && !isLoopback(config.host);
}
