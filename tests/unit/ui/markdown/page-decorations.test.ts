// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { createPageDecorations } from "../../../../src/ui/markdown/page-decorations.ts";
import { createHarness } from "./writer-harness.ts";

test("with the page's decorations a press loads a picture, until the writer is disposed of", () => {
  const { mount, append, settle, writer } = createHarness({ decorations: createPageDecorations() });
  append("![A cat](https://img.example/cat.png) and ![a dog](https://img.example/dog.png)");
  settle();
  const [cat, dog] = mount.querySelectorAll<HTMLElement>("button.md-image");
  cat?.click();
  expect([...mount.querySelectorAll("img")].map(({ alt }) => alt)).toEqual(["A cat"]);
  writer.dispose();
  if (dog !== undefined) mount.append(dog);
  dog?.click();
  expect(mount.querySelectorAll("img").length).toBe(0);
});
