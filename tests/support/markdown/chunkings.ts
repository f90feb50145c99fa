import { SeededRandom } from "../../crash/seeded-random.ts";

/** By UTF-16 code unit: cuts lie within surrogate pairs and between `\r` and `\n` too. */
export function cutByCharacter(text: string): readonly string[] {
  return text.split("");
}

/** Words with the white space around them, as most models speak. */
export function cutByWord(text: string): readonly string[] {
  return text.match(/\s*\S+[^\S\n]*|\s+$/g) ?? [];
}

/** Pieces of 0 to `longest` code units. The same seed cuts alike. */
export function cutAtRandom(text: string, seed: number, longest = 12): readonly string[] {
  const random = new SeededRandom(seed);
  const pieces: string[] = [];
  for (let from = 0; from < text.length;) {
    const length = random.int(0, longest);
    pieces.push(text.slice(from, from + length));
    from += length;
  }
  return pieces;
}
