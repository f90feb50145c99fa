import * as fc from "fast-check";
import type { Command } from "./command.ts";
import { DEEDS } from "./deeds.ts";

/** One story before it is told. */
export interface Schedule {
  readonly seed: number;
  readonly tabs: number;
  readonly commands: readonly Command[];
}

const WAITS_MS = [0, 0, 1, 20, 120, 300, 700, 1_500, 4_000, 6_500, 12_000, 31_000, 70_000];

const commandArbitrary: fc.Arbitrary<Command> = fc.record({
  deed: fc.oneof(
    ...Object.entries(DEEDS).map(([deed, { weight }]) => ({ arbitrary: fc.constant(deed), weight })),
  ),
  tab: fc.nat({ max: 3 }),
  choice: fc.nat({ max: 9_999 }),
  waitMs: fc.constantFrom(...WAITS_MS),
});

/** Told at full length; made shorter by leaving steps out, many at once first, then one by one. */
class StepsArbitrary extends fc.Arbitrary<Command[]> {
  readonly #steps: fc.Arbitrary<Command[]>;

  constructor(count: number) {
    super();
    this.#steps = fc.array(commandArbitrary, { minLength: count, maxLength: count });
  }

  override generate(random: fc.Random): fc.Value<Command[]> {
    return new fc.Value(this.#steps.generate(random, undefined).value, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Command[] {
    return Array.isArray(value);
  }

  override shrink(value: Command[]): fc.Stream<fc.Value<Command[]>> {
    return fc.stream(shorter(value));
  }
}

function* shorter(steps: Command[]): IterableIterator<fc.Value<Command[]>> {
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    // The end first: what comes after the violation's cause matters least.
    for (let to = steps.length; to > 0; to -= size) {
      const from = Math.max(0, to - size);
      yield new fc.Value([...steps.slice(0, from), ...steps.slice(to)], undefined);
    }
  }
}

export function scheduleArbitrary(steps: number): fc.Arbitrary<Schedule> {
  return fc.record({
    seed: fc.noShrink(fc.integer({ min: 0, max: 0x7fff_ffff })),
    tabs: fc.constantFrom(1, 1, 2, 2, 2, 3, 4),
    commands: new StepsArbitrary(steps),
  });
}
