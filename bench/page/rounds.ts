import type { TextStream } from "./stream.ts";

/** A round goes through all sides so many times, each time one such part further: what disturbs the machine for a second disturbs all of them. */
const PARTS = 50;

type Sides<Name extends string> = Readonly<Record<Name, () => TextStream>>;

/**
 * Streams all sides together, a part of each in turns: once to warm up, then `rounds` times. For sides that are alike: one
 * that leaves much garbage would have it collected in the time of the others. Answers the mean of the frames that count,
 * for each side and round. Unit: ms.
 */
export async function interleave<Name extends string>(
  rounds: number,
  sides: Sides<Name>,
): Promise<Record<Name, number[]>> {
  return eachRound(rounds, sides, async (names) => {
    const streams = names.map((name) => ({ name, stream: sides[name]() }));
    for (let part = 1; part <= PARTS; part += 1) {
      for (const { stream } of streams) await stream.advanceTo(Math.ceil((stream.frames * part) / PARTS));
    }
    return new Map(streams.map(({ name, stream }) => [name, mean(stream.end().frameMs)]));
  });
}

/** The same, one side after the other, each alone in the page: A B C, A B C. */
export async function alternate<Name extends string>(
  rounds: number,
  sides: Sides<Name>,
): Promise<Record<Name, number[]>> {
  return eachRound(rounds, sides, async (names) => {
    const means = new Map<Name, number>();
    for (const name of names) {
      const stream = sides[name]();
      await stream.advanceTo(stream.frames);
      means.set(name, mean(stream.end().frameMs));
    }
    return means;
  });
}

async function eachRound<Name extends string>(
  rounds: number,
  sides: Sides<Name>,
  run: (names: readonly Name[]) => Promise<ReadonlyMap<Name, number>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(sides) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round += 1) {
    const means = await run(names);
    // The first warms up.
    if (round === 0) continue;
    for (const name of names) values[name].push(means.get(name) ?? Number.NaN);
  }
  return values;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
