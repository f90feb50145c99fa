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
  deed: fc.oneof(...Object.entries(DEEDS).map(([deed, { weight }]) => ({ arbitrary: fc.constant(deed), weight }))),
  tab: fc.nat({ max: 3 }),
  choice: fc.nat({ max: 9_999 }),
  waitMs: fc.constantFrom(...WAITS_MS),
});

/** Told at full length, shortened to any: a step left out is not replaced. */
class StepsArbitrary extends fc.Arbitrary<Command[]> {
  readonly #long: fc.Arbitrary<Command[]>;
  readonly #short: fc.Arbitrary<Command[]>;

  constructor(steps: number) {
    super();
    this.#long = fc.array(commandArbitrary, { minLength: steps, maxLength: steps });
    this.#short = fc.array(commandArbitrary, { minLength: 1, maxLength: steps });
  }

  override generate(random: fc.Random, biasFactor: number | undefined): fc.Value<Command[]> {
    void biasFactor;
    return this.#long.generate(random, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Command[] {
    return this.#short.canShrinkWithoutContext(value);
  }

  override shrink(value: Command[], context: unknown): fc.Stream<fc.Value<Command[]>> {
    return this.#short.shrink(value, context);
  }
}

export function scheduleArbitrary(steps: number): fc.Arbitrary<Schedule> {
  return fc.record({
    seed: fc.noShrink(fc.integer({ min: 0, max: 0x7fff_ffff })),
    tabs: fc.constantFrom(1, 1, 2, 2, 2, 3, 4),
    commands: new StepsArbitrary(steps),
  });
}
