// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { createWriter, loadAnswerWriter } from "../../../src/ui/text-writer.ts";
import { readCommonMarkExamples } from "../../support/markdown/spec-examples.ts";

test("the product's own writer knows every name of a character that the specification's examples have", async () => {
  await loadAnswerWriter();
  const mount = document.createElement("div");
  const writer = createWriter("answer", mount, "", () => undefined);
  const text = readCommonMarkExamples().find(({ number }) => number === 25)?.markdown ?? "";
  writer.update({ chunks: [text], length: text.length }, true);
  expect(mount.textContent).toBe("\u{a0} & © Æ Ď\n¾ ℋ ⅆ\n∲ ≧̸");
  writer.dispose();
});
