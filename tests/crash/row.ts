import type { SeededRandom } from "./seeded-random.ts";

export interface RowResult {
  readonly what: string;
  readonly rounds: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Each a sentence; empty when all held. */
  readonly violations: readonly string[];
}

export interface RowOptions {
  readonly random: SeededRandom;
  /** How often it is played. */
  readonly rounds: number;
}

/** One way in which a server can be brought down or kept from writing, and what must hold then. */
export interface Row {
  readonly what: string;
  /** One round in a world of its own; counts what there was to hold. */
  play(random: SeededRandom, counts: Record<string, number>): Promise<readonly string[]>;
}

/** Plays a row so many times. What throws is a violation: a row that can't be played proves nothing. */
export async function playRow(row: Row, { random, rounds }: RowOptions): Promise<RowResult> {
  const counts: Record<string, number> = {};
  const violations: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    try {
      for (const what of await row.play(random.fork(), counts)) violations.push(`round ${round}: ${what}`);
    } catch (error) {
      violations.push(
        `round ${round} could not be played: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
  }
  return { what: row.what, rounds, counts, violations };
}
