import { createPrefixDumps, followStream } from "../../tests/support/markdown/follow-stream.ts";
import { cutAtRandom, cutByCharacter, cutByWord } from "../../tests/support/markdown/chunkings.ts";
import { PRODUCT } from "../../tests/support/markdown/options.ts";
import { readCommonMarkExamples, readGfmExamples } from "../../tests/support/markdown/spec-examples.ts";
import type { Benchmark } from "../harness/benchmark.ts";

export const benchmark: Benchmark = {
  title:
    "Every prefix of every example of CommonMark and GFM, in chunks of characters, words and random length: the share whose streamed tree is that of the prefix parsed as a whole",
  async run() {
    const texts = [...readCommonMarkExamples(), ...readGfmExamples()].map((example) => example.markdown);
    let exact = 0;
    let all = 0;
    const faults: string[] = [];
    for (const text of texts) {
      const dumps = createPrefixDumps(text, PRODUCT);
      for (const chunks of [cutByCharacter(text), cutByWord(text), cutAtRandom(text, 1)]) {
        // One more for the end.
        const steps = chunks.length + 1;
        let held = 0;
        all += steps;
        try {
          followStream(chunks, PRODUCT, dumps, () => {
            held += 1;
          });
        } catch (error) {
          if (faults.length < 5)
            faults.push(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
        }
        exact += Math.min(held, steps);
      }
    }
    return {
      figures: [
        { what: `prefixes of ${texts.length} examples`, place: "node", unit: "prefixes", values: [all] },
      ],
      ratios: [
        {
          id: "exact",
          what: "exact prefixes ÷ all",
          place: "node",
          values: [exact / all],
          better: "higher",
          target: 1,
          margin: 1,
        },
      ],
      notes: faults,
    };
  },
};
