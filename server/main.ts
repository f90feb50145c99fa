import { isInsecureElsewhere, networkUrls, startServer, type RunningServer } from "./compose.ts";
import { loadConfig } from "./config.ts";
import { keepFilesPrivate } from "./private-files.ts";
import { StartError } from "./start-error.ts";

/** Supervisors kill after 10 s. Unit: ms. */
const SHUTDOWN_LIMIT_MS = 9_000;

/** Ctrl-C reaches the server from the terminal, and again from npm, which passes it on. Unit: ms. */
const SAME_SIGNAL_MS = 500;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

async function start(): Promise<void> {
  const config = loadConfig(process.env);
  if (!config.ok) return fail(config.error);
  const server = await startServer(config.value).catch((error: unknown) => {
    if (error instanceof StartError) return fail(error.message);
    throw error;
  });
  stopOnSignal(server);
  say(`Holdfast is ready: ${server.url}`);
  if (!server.isBuilt)
    say('The app is not built, so there is only the API: run "npm run build" and start again.');
  const urls = networkUrls(config.value, server.port);
  if (urls.length > 0) say(`On this network: ${urls.join(" ")}`);
  if (isInsecureElsewhere(config.value)) {
    say(
      "Over plain http, browsers on other machines allow no offline use and no notifications: set HOLDFAST_TLS_CERT and HOLDFAST_TLS_KEY, or put an https proxy in front.",
    );
  }
  say(await describeAgents(server));
}

async function describeAgents(server: RunningServer): Promise<string> {
  const { agents, default: defaultId } = await server.agents.list();
  const names = agents.map((agent) =>
    agent.available ? agent.id : `${agent.id} (not available: ${agent.why ?? "no reason given"})`,
  );
  return `Agents: ${names.join(", ")}. Default: ${defaultId}.`;
}

function stopOnSignal(server: RunningServer): void {
  let stoppingSinceMs: number | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    const nowMs = performance.now();
    if (stoppingSinceMs !== undefined) {
      // A second signal: whoever sent it does not want to wait.
      if (nowMs - stoppingSinceMs > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    stoppingSinceMs = nowMs;
    say(`Stopping (${signal}) …`);
    setTimeout(
      () => fail("Stopping took too long; exiting. Nothing that was shown is lost."),
      SHUTDOWN_LIMIT_MS,
    ).unref();
    server.close().then(
      () => process.exit(0),
      (error: unknown) => fail(`Stopping failed: ${error instanceof Error ? error.message : String(error)}`),
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.on("SIGHUP", stop);
}

/** `npm start | tee log`: Ctrl-C ends tee as well, and a line that nobody reads must not cut the planned stop short. */
function outliveReaders(): void {
  for (const output of [process.stdout, process.stderr]) output.on("error", () => undefined);
}

keepFilesPrivate();
outliveReaders();
await start();
