// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createHarness } from "./writer-harness.ts";

test("a link without a word has no box: thousands would be laid out with each frame", () => {
  const { mount, stream } = createHarness();
  mount.classList.add("prose");
  const style = document.createElement("style");
  style.textContent = readFileSync("src/ui/markdown/markdown.css", "utf8");
  document.body.append(style);
  // For happy-dom an element is empty when no element is in it.
  stream("[](https://a.b) [*c*](https://a.b) ");
  const hasBox = [...mount.querySelectorAll("a")].map((link) => getComputedStyle(link).display !== "none");
  expect(hasBox).toEqual([false, true]);
  style.remove();
  mount.remove();
});
