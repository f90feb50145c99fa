import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { TOKEN_KINDS } from "../../../../../src/ui/markdown/code/token-kinds.ts";

/** WCAG 2.2, 1.4.3. */
const MIN_CONTRAST = 4.5;

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const tokens = read("../../../../../src/ui/styles/tokens.css");
const colors = read("../../../../../src/ui/markdown/code/token-colors.css");

/** What a rule sets, by name. */
function propertiesOf(css: string, selector: string): ReadonlyMap<string, string> {
  const body = css.split(`${selector} {`)[1]?.split("}")[0] ?? "";
  return new Map(
    [...body.matchAll(/--([\w-]+): (#\w{6});/g)].map((match) => [match[1] ?? "", match[2] ?? ""]),
  );
}

/** WCAG 2.2, relative luminance. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

const THEMES = [":root", ':root:not([data-theme="light"])', ':root[data-theme="dark"]'];

test.each(THEMES)("every colour of %s can be read on the ground of code", (selector) => {
  const ground = propertiesOf(tokens, selector).get("surface-sunk") ?? "";
  const of = propertiesOf(colors, selector);
  for (const kind of TOKEN_KINDS) {
    if (kind === "text") continue;
    const color = of.get(`tok-${kind}`) ?? "";
    expect(color, kind).toMatch(/^#\w{6}$/);
    expect(contrast(color, ground), `${kind} ${color} on ${ground}`).toBeGreaterThanOrEqual(MIN_CONTRAST);
  }
});

test("a colour is all that a token changes", () => {
  const rules = [...colors.matchAll(/\.tok-(\w+) \{([^}]*)\}/g)];
  expect(rules.map((rule) => rule[1])).toEqual(TOKEN_KINDS.slice(1));
  for (const [, kind, body] of rules) expect(body?.trim()).toBe(`color: var(--tok-${kind});`);
});
