/**
 * Prints as JSON how the parser's steps grow with each of the pathological inputs. A program of its own, because a test
 * runner's code would be counted along with the parser's: `node --no-opt --no-maglev measure-growth.ts [LEFT_OUT_NAME …]`.
 */
import { Session } from "node:inspector/promises";
import { createMarkdownStream } from "../../../src/markdown/markdown-stream.ts";
import { countSteps } from "./count-steps.ts";
import type { StepGrowth } from "./step-growth.ts";
import { PRODUCT } from "./options.ts";
import { PATHOLOGICAL_INPUTS } from "./pathological-inputs.ts";

const CHUNK_UNITS = 16;
const WHOLE_UNITS = 320;
const STREAMED_UNITS = 240;

function parse(text: string, chunkUnits: number): void {
  const stream = createMarkdownStream(PRODUCT);
  for (let from = 0; from < text.length; from += chunkUnits)
    stream.append(text.slice(from, from + chunkUnits));
  stream.end();
}

const leftOut: ReadonlySet<string> = new Set(process.argv.slice(2));

const session = new Session();
session.connect();
await session.post("Profiler.enable");

async function growth(make: (size: number) => string, size: number, chunkUnits: number): Promise<number> {
  const small = make(size);
  const big = make(size * 4);
  const steps = await countSteps(session, () => parse(small, chunkUnits));
  const more = await countSteps(session, () => parse(big, chunkUnits));
  // A little more or less than four times the text is reckoned in.
  return (more / steps) * ((small.length * 4) / big.length);
}

const found: StepGrowth[] = [];
for (const { name, make } of PATHOLOGICAL_INPUTS) {
  if (leftOut.has(name)) continue;
  const whole = await growth(make, WHOLE_UNITS, Number.MAX_SAFE_INTEGER);
  found.push({ name, whole, streamed: await growth(make, STREAMED_UNITS, CHUNK_UNITS) });
}
console.log(JSON.stringify(found));
