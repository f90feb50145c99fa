import { setTimeout as sleep } from "node:timers/promises";
import type { Row } from "./row.ts";
import { Scene, type Load, type SceneOptions } from "./scene.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { ServerProcess } from "./server-process.ts";

/** A server in its first life with clients at work on it, a random moment after they began. */
export interface UnderLoad {
  readonly scene: Scene;
  readonly server: ServerProcess;
  readonly load: Load;
  readonly random: SeededRandom;
  readonly counts: Record<string, number>;
  /** A sentence for each thing that does not hold. */
  readonly violations: string[];
}

/** A round that begins with a server under load; its world is removed whatever becomes of it. */
export function playUnderLoad(
  options: SceneOptions,
  round: (stage: UnderLoad) => Promise<void>,
): Row["play"] {
  return async (random, counts) => {
    const scene = new Scene(random, options, counts);
    const violations: string[] = [];
    try {
      const server = await scene.start();
      const load = scene.load(server, violations);
      await load.atWork();
      await sleep(random.int(0, 300));
      await round({ scene, server, load, random, counts, violations });
    } finally {
      scene.remove();
    }
    return violations;
  };
}
