// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { createBuffer, type TextBuffer } from "../../../src/protocol/conversation.ts";
import { createPlainWriter } from "../../../src/ui/plain-writer.ts";

function write(...texts: string[]): { mount: HTMLElement; buffer: TextBuffer; again: () => void } {
  const mount = document.createElement("div");
  const buffer = createBuffer();
  const writer = createPlainWriter(mount);
  for (const text of texts) {
    buffer.chunks.push(text);
    buffer.length += text.length;
    writer.update(buffer, false);
  }
  return { mount, buffer, again: () => void writer.update(buffer, true) };
}

test("every chunk is taken once, in order", () => {
  const { mount, again } = write("one ", "two ", "three");
  again();
  expect(mount.textContent).toBe("one two three");
});

test("chunks that were joined meanwhile are not doubled, and what came with them is not lost", () => {
  const { mount, buffer, again } = write("one ", "two ", "three");
  buffer.chunks.splice(0, 3, "one two three four");
  buffer.length = "one two three four".length;
  again();
  expect(mount.textContent).toBe("one two three four");
});

test("long text is cut into runs: one run of it all costs WebKit a frame each time it grows", () => {
  const { mount } = write(...Array.from({ length: 100 }, () => "x".repeat(100)));
  expect(mount.childNodes.length).toBe(5);
  expect(mount.textContent).toHaveLength(10_000);
});

test("without time a long text is left for later, and nothing is lost", () => {
  const mount = document.createElement("div");
  const writer = createPlainWriter(mount);
  const buffer = createBuffer("x".repeat(200_000));
  expect(writer.update(buffer, true, () => false)).toBe(false);
  expect(mount.textContent.length).toBeLessThan(200_000);
  while (!writer.update(buffer, true, () => false));
  expect(mount.textContent).toHaveLength(200_000);
});
