import { chmodSync, renameSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { poll } from "../polling.ts";
import type { Row } from "../row.ts";
import { Scene } from "../scene.ts";

/** The data folder is moved away under the running server, and back; then made read-only; then removed. */
export const folderLost: Row = {
  what: "data folder moved, read-only and removed under the server",
  async play(random, counts) {
    const scene = new Scene(random, { mayFail: true }, counts);
    const violations: string[] = [];
    const aside = `${scene.dataDir}-aside`;
    try {
      const server = await scene.start();
      const load = scene.load(server, violations);
      await load.atWork();
      await sleep(random.int(0, 300));
      const send = async (): Promise<number> => {
        const session = scene.ledger.anyLive(random);
        return session === undefined ? 0 : load.writer.sendEcho(session);
      };
      renameSync(scene.dataDir, aside);
      const away = await send();
      if (away < 500) violations.push(`a send was answered ${away} while the folder was away`);
      else scene.count("refused while the folder was away");
      renameSync(aside, scene.dataDir);
      const back = await poll(15_000, async () => ((await send()) === 202 ? true : undefined));
      if (back === undefined) violations.push("nothing was accepted after the folder had come back");

      // An open file can be written all the same (and root may always): what is acknowledged must be there.
      chmodSync(scene.dataDir, 0o555);
      await sleep(100);
      await send();
      chmodSync(scene.dataDir, 0o700);

      await server.kill();
      await load.stop();
      violations.push(...scene.look(), ...(await scene.settle()));

      const last = await scene.start();
      const late = scene.load(last, violations);
      await late.atWork();
      rmSync(scene.dataDir, { recursive: true, force: true });
      const session = scene.ledger.anyLive(random);
      const gone = session === undefined ? 500 : await late.writer.sendEcho(session);
      if (gone < 500) violations.push(`a send was answered ${gone} after the folder had been removed`);
      else scene.count("refused after the folder was removed");
      const told = await poll(5_000, () => (/removed or replaced/.test(last.errors) ? true : undefined));
      if (told === undefined) violations.push(`the operator was not told: ${last.errors.slice(0, 300)}`);
      const { code, ms } = await last.stop();
      await late.stop();
      if (code !== 0 || ms > 10_000)
        violations.push(`the stop after that ended with ${String(code)} in ${Math.round(ms)} ms`);
    } finally {
      rmSync(aside, { recursive: true, force: true });
      scene.remove();
    }
    return violations;
  },
};
