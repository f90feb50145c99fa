// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { renderMath } from "../../../../../src/ui/markdown/math/render-math.ts";
import { showMath } from "../../../../../src/ui/markdown/math/show-math.ts";

const MATHML = "http://www.w3.org/1998/Math/MathML";

function render(tex: string, isDisplay = false): Element {
  const holder = document.createElement("div");
  const math = renderMath(tex, isDisplay);
  if (math.kind === "refused") throw new Error(math.reason);
  holder.append(math.node);
  return holder;
}

function reason(tex: string): string {
  const math = renderMath(tex, false);
  return math.kind === "refused" ? math.reason : "";
}

test("a formula is elements of MathML", () => {
  const holder = render("\\frac{a}{b^2}", true);
  const [math] = holder.children;
  expect(math?.namespaceURI).toBe(MATHML);
  expect(math?.getAttribute("display")).toBe("block");
  const names = [...holder.querySelectorAll("*")].map((element) => element.localName);
  expect(names).toEqual(["math", "mfrac", "mi", "msup", "mi", "mn"]);
  expect(holder.textContent).toBe("ab2");
});

test.each([
  "\\href{javascript:alert(1)}{x}",
  "\\includegraphics{https://evil.example/a.png}",
  "\\htmlId{app}{x}",
  "\\htmlStyle{position:fixed}{x}",
  "\\url{https://evil.example}",
])("%s is refused", (tex) => {
  expect(reason(tex)).not.toBe("");
});

test.each([
  '\\begin{equation}a\\label{app}\\end{equation}\\ref{app}\\eqref{x" onclick=alert(1)}',
  "\\text{<img src=x onerror=alert(1)>}\\tag{<script>alert(1)</script>}",
  "\\color{red;background:url(https://evil.example)}x",
  "\\textcolor{#123456}{x}\\colorbox{yellow}{y}\\fbox{z}\\cancel{w}\\boxed{v}",
  "\\rule{100000em}{100000em}\\hspace{100000em}\\kern100000em\\raisebox{10em}{x}",
])("%s leads nowhere, loads nothing and names nothing", (tex) => {
  const math = renderMath(tex, true);
  if (math.kind === "refused") return;
  const holder = document.createElement("div");
  holder.append(math.node);
  for (const element of holder.querySelectorAll("*")) {
    expect(element.localName).not.toMatch(/^(?:a|img|script|iframe|style|annotation-xml)$/);
    for (const { name, value } of element.attributes) {
      expect(name).not.toMatch(/^(?:id|name|href|src|xlink.*|on.*)$/);
      expect(value).not.toContain("url(");
      for (const [number] of value.matchAll(/\d+(?:\.\d+)?(?=em)/g))
        expect(Number(number)).toBeLessThanOrEqual(30);
    }
  }
});

test.each([
  ["\\frac{", /^The formula can't be set: /],
  ["\\unheardof", /^The formula can't be set: /],
  ["\\def\\a{\\a\\a}\\a", /Too many expansions/],
  ["{".repeat(3_000), /./],
  ["\\sqrt{".repeat(150) + "x" + "}".repeat(150), /nested too deeply/],
  ["x".repeat(10_001), /too long/],
])("what can't be set says why: %.20s", (tex, why) => {
  expect(reason(tex)).toMatch(why);
});

test("what one formula defines is unknown to the next", () => {
  render("\\gdef\\mine{x}\\mine");
  expect(reason("\\mine")).not.toBe("");
});

test("the source stays beside the formula for whoever copies", () => {
  for (const [name, isDisplay, source] of [
    ["span", false, "$x^2$"],
    ["span", true, "$$x^2$$"],
    ["div", true, "$$\nx^2\n$$"],
  ] as const) {
    const element = document.createElement(name);
    element.append("x^2");
    showMath(element, "x^2", isDisplay, renderMath("x^2", isDisplay));
    expect(element.querySelector(".md-math-source")?.textContent).toBe(source);
    expect(element.querySelector("math")?.textContent).toBe("x2");
  }
});

test("a formula that can't be set stays as it is written, and says why", () => {
  const element = document.createElement("span");
  element.append("\\frac{");
  showMath(element, "\\frac{", false, renderMath("\\frac{", false));
  expect(element.textContent).toBe("\\frac{");
  expect(element.title).toContain("can't be set");
});
