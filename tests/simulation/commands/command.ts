import type { Life, Tab } from "../world/tab.ts";
import type { World } from "../world/world.ts";

/** One step of a story, as data: which deed, at which tab, with which choice, and how long nothing else happens then. */
export interface Command {
  readonly deed: string;
  readonly tab: number;
  /** Chooses among what there is: a session, a turn, a length. Whole, 0 to 9999. */
  readonly choice: number;
  readonly waitMs: number;
}

/** What a deed does. It must mean something, or nothing, whatever came before: stories are shortened by leaving steps out. */
export interface Deed {
  /** How often, against the others. */
  readonly weight: number;
  /** The fault it counts as, in the report. */
  readonly fault?: string;
  /** Answers what was done, as a sentence; undefined: there was nothing to do. */
  readonly run: (world: World, tab: Tab, choice: number) => string | undefined;
}

/** A deed that needs a document which runs. */
export function onPage(
  run: (world: World, tab: Tab, life: Life, choice: number) => string | undefined,
): Deed["run"] {
  return (world, tab, choice) => {
    const { life } = tab;
    if (life === undefined || life.loop.state !== "running") return undefined;
    return run(world, tab, life, choice);
  };
}

/** A deed that a person does with a page in sight. */
export function byPerson(
  run: (world: World, tab: Tab, life: Life, choice: number) => string | undefined,
): Deed["run"] {
  return onPage((world, tab, life, choice) =>
    life.page.facts.isHidden ? undefined : run(world, tab, life, choice),
  );
}

export function pick<Value>(values: readonly Value[], choice: number): Value | undefined {
  return values.length === 0 ? undefined : values[choice % values.length];
}
