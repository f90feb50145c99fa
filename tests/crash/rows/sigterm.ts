import { connect } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { playUnderLoad } from "../play-under-load.ts";
import { poll } from "../polling.ts";
import type { Row } from "../row.ts";

/** What supervisors give before they kill. Unit: ms. */
const LIMIT_MS = 10_000;

/** A planned stop in the middle of everything. */
export const sigtermUnderLoad: Row = {
  what: "SIGTERM under load",
  play: playUnderLoad({}, async ({ scene, server, load, counts, violations }) => {
    // Those that hold a connection now: the others are between two.
    const listening = scene.readers.filter(
      ({ kind, isGone }) => !isGone && (kind === "stream" || kind === "slow"),
    );
    const { code, ms } = await server.stop();
    await load.stop();
    counts["longest stop in ms"] = Math.max(counts["longest stop in ms"] ?? 0, Math.round(ms));
    if (code !== 0) violations.push(`exit code ${String(code)}: ${server.errors}`);
    if (ms > LIMIT_MS) violations.push(`it took ${Math.round(ms)} ms`);
    for (const reader of listening) {
      if (reader.isGone) continue;
      scene.count("streams told");
      if (reader.byes.at(-1) !== "draining")
        violations.push(`a reader (${reader.kind}) was not told: ${reader.byes.join(", ") || "no bye"}`);
    }
    violations.push(...scene.look());
    if (scene.running() > 0) violations.push(`${scene.running()} turns are left running on the disk`);
    violations.push(...(await scene.settle()));
  }),
};

/** A planned stop while another program has the database: it ends in time, and what could not be written is mended. */
export const sigtermLocked: Row = {
  what: "SIGTERM while the database is locked",
  play: playUnderLoad({ mayFail: true }, async ({ scene, server, load, random, counts, violations }) => {
    const holder = new DatabaseSync(join(scene.dataDir, "holdfast.sqlite"), { timeout: LIMIT_MS });
    holder.exec("BEGIN IMMEDIATE");
    await sleep(random.int(0, 300));
    const { code, ms } = await server.stop();
    holder.exec("ROLLBACK");
    holder.close();
    await load.stop();
    counts["longest stop in ms"] = Math.max(counts["longest stop in ms"] ?? 0, Math.round(ms));
    if (code !== 0) violations.push(`exit code ${String(code)}: ${server.errors}`);
    if (ms > LIMIT_MS) violations.push(`it took ${Math.round(ms)} ms`);
    violations.push(...scene.look(), ...(await scene.settle()));
  }),
};

/** A second signal, while the first one waits for a request that never comes to its end. */
export const sigtermTwice: Row = {
  what: "SIGTERM twice",
  play: playUnderLoad({}, async ({ scene, server, load, violations }) => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(
      "PUT /api/sessions/00000000-0000-7000-8000-000000000000 HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{",
    );
    await load.api.get("/health");
    server.child.kill("SIGTERM");
    await poll(LIMIT_MS, () => (server.output.includes("Stopping") ? true : undefined));
    // The first half second counts as one Ctrl-C that comes twice.
    await sleep(600);
    const { code, ms } = await server.stop();
    socket.destroy();
    await load.stop();
    if (code !== 1) violations.push(`exit code ${String(code)}`);
    if (ms > 2_000) violations.push(`the second signal waited ${Math.round(ms)} ms`);
    violations.push(...scene.look(), ...(await scene.settle()));
  }),
};
