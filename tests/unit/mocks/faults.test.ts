import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  NO_FAULTS,
  splitBlocks,
  stepLine,
  WHOLE_LINE,
  type FaultModes,
  type LineInput,
  type LineState,
} from "../../../src/mocks/faults.ts";

const log = (seq: number): string => `id: e.${seq}\ndata: {"seq":${seq}}\n\n`;
const PING = 'event: ping\ndata: {"tail":1}\n\n';

function run(
  inputs: readonly LineInput[],
  modes: FaultModes = NO_FAULTS,
): { line: LineState; texts: string[] } {
  let line = WHOLE_LINE;
  const texts: string[] = [];
  for (const input of inputs) {
    const step = stepLine(line, input, modes);
    line = step.line;
    texts.push(...step.texts);
  }
  return { line, texts };
}

const block = (text: string): LineInput => ({ kind: "block", text });

describe("a line with faults", () => {
  it("passes everything as it is while nothing is wrong", () => {
    expect(run([block(log(1)), block(PING), block(log(2))]).texts).toEqual([log(1), PING, log(2)]);
  });

  it("sends every log frame twice, control frames once", () => {
    const modes = { ...NO_FAULTS, duplicatesFrames: true };
    expect(run([block(log(1)), block(PING)], modes).texts).toEqual([log(1), log(1), PING]);
  });

  it("swaps log frames in pairs", () => {
    const modes = { ...NO_FAULTS, reordersFrames: true };
    const inputs = [1, 2, 3, 4].map((seq) => block(log(seq)));
    expect(run(inputs, modes).texts).toEqual([log(2), log(1), log(4), log(3)]);
  });

  it("holds a frame back no longer than to the next control frame", () => {
    const modes = { ...NO_FAULTS, reordersFrames: true };
    expect(run([block(log(1)), block(PING)], modes).texts).toEqual([log(1), PING]);
  });

  it("passes what it held back also when reordering was switched off meanwhile", () => {
    const held = stepLine(WHOLE_LINE, block(log(1)), { ...NO_FAULTS, reordersFrames: true });
    expect(stepLine(held.line, block(log(2)), NO_FAULTS).texts).toEqual([log(2), log(1)]);
  });

  it("passes nothing after a drop, and stays cut", () => {
    const { line, texts } = run([block(log(1)), { kind: "drop" }, block(log(2)), { kind: "stall" }]);
    expect(texts).toEqual([log(1)]);
    expect(line).toEqual({ kind: "cut" });
  });

  it("passes nothing while stalled, and stays so", () => {
    const { line, texts } = run([{ kind: "stall" }, block(log(1)), block(PING), { kind: "drop" }]);
    expect(texts).toEqual([]);
    expect(line).toEqual({ kind: "stalled" });
  });

  it("cuts in the middle of the next log frame, not of a control frame", () => {
    const { line, texts } = run([{ kind: "truncate" }, block(PING), block(log(1)), block(log(2))]);
    expect(line).toEqual({ kind: "cut" });
    expect(texts).toHaveLength(2);
    expect(texts[0]).toBe(PING);
    expect(log(1).startsWith(texts[1] ?? "")).toBe(true);
    expect(texts[1]?.endsWith("\n\n")).toBe(false);
  });

  it("loses no frame as long as the line is neither cut nor stalled", () => {
    const anyModes = fc.record({
      latencyMs: fc.constant(0),
      duplicatesFrames: fc.boolean(),
      reordersFrames: fc.boolean(),
      badGateways: fc.constant(0),
      wrongEpochs: fc.constant(0),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), anyModes)), (steps) => {
        let line = WHOLE_LINE;
        const out: string[] = [];
        for (const [index, [isLog, modes]] of steps.entries()) {
          const step = stepLine(line, block(isLog ? log(index) : PING), modes);
          line = step.line;
          out.push(...step.texts);
        }
        const end = stepLine(line, block(PING), NO_FAULTS);
        out.push(...end.texts);
        const sent = new Set(out);
        for (const [index, [isLog]] of steps.entries()) if (isLog) expect(sent).toContain(log(index));
      }),
    );
  });
});

describe("cutting a stream into blocks", () => {
  it("gives the same blocks wherever the chunks end", () => {
    const whole = `retry: 1000\n\n${PING}${log(1)}${log(2)}`;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: whole.length }), { maxLength: 8 }), (cuts) => {
        const marks = [...new Set([0, ...cuts, whole.length])].sort((a, b) => a - b);
        let rest = "";
        const blocks: string[] = [];
        for (const [index, mark] of marks.entries()) {
          const split = splitBlocks(rest + whole.slice(marks[index - 1] ?? 0, mark));
          rest = split.rest;
          blocks.push(...split.blocks);
        }
        expect(blocks).toEqual(["retry: 1000\n\n", PING, log(1), log(2)]);
        expect(rest).toBe("");
      }),
    );
  });
});
