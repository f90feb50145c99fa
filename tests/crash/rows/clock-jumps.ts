import { setTimeout as sleep } from "node:timers/promises";
import { readDiskLogs } from "../disk-logs.ts";
import type { Row } from "../row.ts";
import { Scene } from "../scene.ts";

const HOUR_MS = 3_600_000;

/** The time of day jumps by up to an hour either way, several times a second. */
export const clockJumps: Row = {
  what: "clock set back and forward by up to an hour",
  async play(random, counts) {
    const env = { TEST_HEARTBEAT_MS: "100", TEST_CLOCK_JUMP_MS: String(HOUR_MS) };
    const scene = new Scene(random, { entry: "tests/crash/tuned-server.ts", env }, counts);
    const violations: string[] = [];
    try {
      for (let life = 0; life < 2; life += 1) {
        const server = await scene.start();
        await scene.checkStart(server.url, violations);
        const load = scene.load(server, violations);
        await load.atWork();
        await sleep(random.int(0, 300));
        await server.kill();
        await load.stop();
        if (server.errors !== "") violations.push(`the server complained: ${server.errors.slice(0, 300)}`);
        violations.push(...scene.look());
      }
      violations.push(...(await scene.settle()));
      violations.push(...(await heartbeats(scene)), ...(await signIns(scene)));
    } finally {
      scene.remove();
    }
    return violations;
  },
};

/** They come by a timer, whatever the time of day is. */
async function heartbeats(scene: Scene): Promise<string[]> {
  const server = await scene.start();
  const [session] = scene.ledger.live();
  if (session === undefined) return [];
  const violations: string[] = [];
  const response = await fetch(new URL(`api/sessions/${session.id}/stream`, server.url));
  const began = performance.now();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += new TextDecoder().decode(chunk);
    if (text.split("event: ping").length > 4) break;
  }
  const ms = performance.now() - began;
  scene.count("heartbeats", 4);
  if (ms > 10_000) violations.push(`four heartbeats of 100 ms took ${Math.round(ms)} ms`);
  await server.kill();
  return violations;
}

/** A sign-in lasts 30 days, not an hour less. */
async function signIns(scene: Scene): Promise<string[]> {
  const before = readDiskLogs(scene.dataDir).sessions.size;
  const server = await scene.start({ HOLDFAST_PASSWORD: "open sesame" });
  const answer = await fetch(new URL("api/sign-in", server.url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"password":"open sesame"}',
  });
  const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  const violations: string[] = [];
  for (let asked = 0; asked < 20; asked += 1) {
    const list = await fetch(new URL("api/sessions?limit=1000", server.url), { headers: { cookie } });
    const body = (await list.json()) as { sessions?: readonly unknown[] };
    if (list.status !== 200 || body.sessions?.length !== before)
      violations.push(
        `with a sign-in the list was answered ${list.status} with ${body.sessions?.length ?? "no"} sessions`,
      );
    await sleep(30);
  }
  scene.count("requests with a sign-in", 20);
  await server.kill();
  return violations;
}
