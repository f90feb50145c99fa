import { checkDisk, createDiskMemory, type DiskMemory } from "./checks/disk.ts";
import { checkIndicator, createIndicatorMemory, type IndicatorMemory } from "./checks/indicator.ts";
import { checkOrder } from "./checks/order.ts";
import { checkSends } from "./checks/sends.ts";
import { checkBrowser, checkTab } from "./checks/tabs.ts";
import { checkWaiting, createWaitingMemory, type WaitingMemory } from "./checks/waiting.ts";
import { converge } from "./checks/convergence.ts";
import { DEEDS, isOfTab } from "./commands/deeds.ts";
import type { Schedule } from "./commands/schedule.ts";
import { createWorld, type World } from "./world/world.ts";
import type { Violation } from "./world/violation.ts";

/** What became of one story. */
export interface Outcome {
  readonly violation: Violation | undefined;
  /** What happened, a sentence per step that did something. */
  readonly story: readonly string[];
  readonly virtualMs: number;
  readonly events: number;
  readonly sends: number;
  readonly faults: ReadonlyMap<string, number>;
  /** A hash over everything that happened: the same for the same schedule. */
  readonly trace: number;
}

/** Between two looks at everything. Unit: ms. */
const LOOK_MS = 1_000;

export interface Watch {
  readonly disk: DiskMemory;
  readonly indicator: IndicatorMemory;
  readonly waiting: WaitingMemory;
}

/** Tells the story, checks after every step, and ends it well: faults stop, and everything must agree. */
export async function runSchedule(schedule: Schedule): Promise<Outcome> {
  const world = await createWorld(schedule.seed, schedule.tabs);
  const watch: Watch = {
    disk: createDiskMemory(),
    indicator: createIndicatorMemory(),
    waiting: createWaitingMemory(),
  };
  const story: string[] = [];
  const onRejection = (error: unknown): void => {
    for (const tab of world.tabs) if (tab.life !== undefined) return world.tabParts.onThrow(tab, error);
  };
  process.on("unhandledRejection", onRejection);
  try {
    for (const tab of world.tabs) world.load(tab);
    await pass(world, watch, 300);
    for (const command of schedule.commands) {
      if (world.violation !== undefined) break;
      const tab = world.tabs[command.tab % world.tabs.length];
      const deed = DEEDS[command.deed];
      if (tab === undefined || deed === undefined) continue;
      const said = deed.run(world, tab, command.choice);
      if (said !== undefined) {
        world.note(said);
        if (deed.fault !== undefined) world.faults.set(deed.fault, (world.faults.get(deed.fault) ?? 0) + 1);
        const where = isOfTab(command.deed) ? `tab ${tab.number}: ` : "";
        story.push(`${where}${said}${waiting(command.waitMs)}`);
      }
      await pass(world, watch, command.waitMs);
    }
    if (world.violation === undefined) {
      await converge(world, (ms) => pass(world, watch, ms));
      if (world.violation !== undefined) story.push("all faults end, and every tab is looked at");
    }
  } finally {
    world.end();
    await world.time.settle();
    process.off("unhandledRejection", onRejection);
  }
  return {
    violation: world.violation,
    story,
    virtualMs: world.time.now(),
    events: world.book.events(),
    sends: world.server.sendsAccepted,
    faults: world.faults,
    trace: world.trace,
  };
}

function waiting(ms: number): string {
  if (ms === 0) return "";
  return ms < 1_000 ? `; ${ms} ms pass` : `; ${ms / 1_000} s pass`;
}

/** Lets time pass, looking at everything each second and at the end. */
async function pass(world: World, watch: Watch, ms: number): Promise<void> {
  let left = ms;
  do {
    const stepMs = Math.min(left, LOOK_MS);
    await world.time.advance(stepMs);
    left -= stepMs;
    look(world, watch);
  } while (left > 0 && world.violation === undefined);
}

function look(world: World, watch: Watch): void {
  checkBrowser(world);
  for (const [tab, life] of world.liveTabs()) {
    if (life.loop.state === "running") checkTab(world, tab, life);
    checkIndicator(world, watch.indicator, tab, life);
  }
  world.server.checkReaders();
  checkDisk(world, watch.disk);
  checkSends(world);
  checkOrder(world);
  checkWaiting(world, watch.waiting);
  world.note(`${world.book.events()}`);
}
