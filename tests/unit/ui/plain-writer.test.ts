import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createBuffer, type TextBuffer } from "../../../src/protocol/conversation.ts";
import { createPlainWriter } from "../../../src/ui/plain-writer.ts";

class FakeText {
  data: string;
  constructor(data: string) {
    this.data = data;
  }
  get length(): number {
    return this.data.length;
  }
  appendData(more: string): void {
    this.data += more;
  }
}
class FakeElement {
  children: (FakeElement | FakeText)[] = [];
  append(child: FakeElement | FakeText): void {
    this.children.push(child);
  }
  replaceChildren(): void {
    this.children = [];
  }
  get textContent(): string {
    return this.children
      .map((child) => (child instanceof FakeText ? child.data : child.textContent))
      .join("");
  }
}

beforeEach(() => {
  vi.stubGlobal("document", {
    createElement: () => new FakeElement(),
    createTextNode: (text: string) => new FakeText(text),
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function write(...texts: string[]): { mount: FakeElement; buffer: TextBuffer; again: () => void } {
  const mount = new FakeElement();
  const buffer = createBuffer();
  // What it uses of an element is what the fake has.
  const writer = createPlainWriter(mount as unknown as HTMLElement);
  for (const text of texts) {
    buffer.chunks.push(text);
    buffer.length += text.length;
    writer.update(buffer, false);
  }
  return { mount, buffer, again: () => writer.update(buffer, true) };
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
  expect(mount.children.length).toBe(5);
  expect(mount.textContent).toHaveLength(10_000);
});
