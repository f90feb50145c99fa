import { startServer } from "../../server/compose.ts";
import { loadConfig } from "../../server/config.ts";

// The server as a process of its own, so that a test can kill it. Says its address on stdout, ends on SIGTERM.
const config = loadConfig(process.env);
if (!config.ok) throw new Error(config.error);
const heartbeatMs = Number(process.env["TEST_HEARTBEAT_MS"] ?? 200);
const server = await startServer(config.value, { heartbeatMs });
process.once("SIGTERM", () => {
  void server.close().then(() => process.exit(0));
});
process.stdout.write(`${server.url}\n`);
