import { expect, test } from "vitest";
import { estimateMath } from "../../../../../src/ui/markdown/math/estimate-math.ts";

const heightOf = (tex: string): number => estimateMath(tex, true).heightEm;

test("what stands over and under something else, and every line, makes a formula higher", () => {
  const plain = heightOf("E = mc^2");
  expect(heightOf(String.raw`\frac{1}{2}`)).toBeGreaterThan(plain);
  expect(heightOf(String.raw`\sum_{i=1}^{n} \frac{i}{2}`)).toBeGreaterThan(heightOf(String.raw`\frac{1}{2}`));
  expect(heightOf(String.raw`\begin{pmatrix} a \\ b \\ c \end{pmatrix}`)).toBeGreaterThan(2.5 * plain);
  // No command but one that begins like another.
  expect(heightOf(String.raw`\fraction \overfull`)).toBe(plain);
});

test("a command is as wide as a letter, and what is not seen is nothing", () => {
  const widthOf = (tex: string): number => estimateMath(tex, false).widthEm;
  expect(widthOf(String.raw`\alpha`)).toBe(widthOf("x"));
  expect(widthOf("{x}_{y}")).toBe(widthOf("xy"));
  expect(widthOf("")).toBeGreaterThan(0);
});

test("nothing throws, and a long one takes no time", () => {
  for (const tex of ["\\", "$", "\\begin{", "\\sum_".repeat(20_000), "{".repeat(100_000)])
    expect(Number.isFinite(estimateMath(tex, true).heightEm)).toBe(true);
});
