// @vitest-environment happy-dom
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { safeUrl } from "../../../../src/ui/markdown/safe-url.ts";
import { createHarness, renderWhole } from "./writer-harness.ts";

const PAYLOADS: readonly string[] = [
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](javascript&#58;alert(1))",
  "[x](javascript&colon;alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](&#x6a;avascript&#x3A;alert(1))",
  "[x](java&Tab;script:alert(1))",
  "[x](java&NewLine;script:alert(1))",
  "[x](<java\tscript:alert(1)>)",
  "[x](<java\nscript:alert(1)>)",
  "[x](<\u0001javascript:alert(1)>)",
  "[x]( javascript:alert(1))",
  "[x](\\javascript:alert(1))",
  "[x](javascript\\:alert(1))",
  "[x](vbscript:msgbox(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "[x](file:///etc/passwd)",
  "[x](blob:https://e.org/1)",
  "[x](//evil.example)",
  "[x](#anchor)",
  "[x](/api/sign-out)",
  "[x][r]\n\n[r]: javascript:alert(1)",
  '[x][r]\n\n[r]: <java&#115;cript:alert(1)> "t"',
  "[r]\n\n[r]: data:text/html,x",
  "<javascript:alert(1)>",
  "<vbscript:alert(1)>",
  "<data:text/html,x>",
  "![x](javascript:alert(1))",
  "![x](data:image/svg+xml,<svg onload=alert(1)>)",
  '![x" onerror="alert(1)](https://e.org/x.png)',
  '![x](https://e.org/x.png "t\\" onload=alert(1)")',
  "[![x](https://e.org/x.png)](javascript:alert(1))",
  '[x](https://e.org "\\" onmouseover=alert(1)")',
  "<img src=x onerror=alert(1)>",
  "<img src=x onerror=alert(1)//",
  "<svg onload=alert(1)><script>alert(1)</script></svg>",
  "<script>alert(1)</script>",
  "<script\n>alert(1)</script>",
  "<style>@import 'https://e.org'</style>",
  "<iframe src=javascript:alert(1)></iframe>",
  "<a href=javascript:alert(1)>x</a>",
  "<details open ontoggle=alert(1)>",
  "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
  "<base href=https://e.org>",
  "<form action=https://e.org><input name=x><button>go</button></form>",
  "<meta http-equiv=refresh content='0;url=https://e.org'>",
  "<link rel=stylesheet href=https://e.org>",
  "<object data=x></object><embed src=x>",
  "a <b onclick=alert(1)>b</b> <br onload=alert(1)>",
  '```html onload="alert(1)"\n<script>alert(1)</script>\n```',
  '```"><script>alert(1)</script>\nx\n```',
  "`<script>alert(1)</script>`",
  "| <script>alert(1)</script> | <img src=x onerror=alert(1)> |\n|-|-|\n| [x](javascript:1) | <svg/onload=1> |",
  "- <script>alert(1)</script>\n- [ ] <img src=x onerror=alert(1)>",
  "# <script>alert(1)</script>",
  "> <iframe src=//e.org>",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "[^1]\n\n[^1]: javascript:alert(1)",
];

const ELEMENTS = new Set(
  "a b blockquote br button code del div em figure h2 h3 h4 h5 h6 hr i input ins kbd li mark ol p pre s section small span strong sub sup table tbody td th thead tr u ul".split(
    " ",
  ),
);
const ATTRIBUTES = new Set(
  "aria-label checked class data-align data-language data-source disabled href id rel role scope start tabindex target title type value".split(
    " ",
  ),
);

function expectHarmless(mount: HTMLElement): void {
  for (const element of mount.querySelectorAll("*")) {
    expect(ELEMENTS).toContain(element.localName);
    for (const name of element.getAttributeNames()) expect(ATTRIBUTES).toContain(name);
    const href = element.getAttribute("href");
    // A fragment is ours: it leads to a footnote of the same answer.
    if (href !== null) expect(href).toMatch(/^(https?|mailto|tel):|^#(note|reference)-[\d-]+$/);
    const source = element.getAttribute("data-source");
    if (source !== null) expect(source).toMatch(/^https:/);
    if (element.localName === "input") expect(element.getAttribute("type")).toBe("checkbox");
  }
}

test.each(PAYLOADS)("%j does nothing, whole or streamed", (payload) => {
  expectHarmless(renderWhole(payload));
  const { mount, stream } = createHarness();
  for (let at = 0; at < payload.length; at += 1) {
    stream(payload.charAt(at));
    expectHarmless(mount);
  }
});

test("any mixture of payloads does nothing", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PAYLOADS, "\n", "\n\n", "- ", "> ", "`", "[", "](", ")"), { maxLength: 8 }),
      (parts) => {
        expectHarmless(renderWhole(parts.join("")));
      },
    ),
    { numRuns: 300 },
  );
});

test("what is refused as a link or an element is still there to read", () => {
  expect(renderWhole("see [the page](javascript:alert(1))").textContent).toBe("see the page");
  expect(renderWhole("<script>alert(1)</script>").textContent).toBe("<script>alert(1)</script>");
  expect(renderWhole("a <img src=x onerror=alert(1)> b").textContent).toBe(
    "a <img src=x onerror=alert(1)> b",
  );
});

test.each([
  ["https://e.org/a b", "https://e.org/a%20b"],
  ["HTTP://E.org", "http://e.org/"],
  ["mailto:a@e.org", "mailto:a@e.org"],
  ["tel:+4930", "tel:+4930"],
])("%s may be followed", (href, url) => {
  expect(safeUrl(href)?.href).toBe(url);
});

test("no link is within a link", () => {
  const mount = renderWhole("[![a](https://e.org/x.png) b](https://f.org)");
  expect(mount.querySelectorAll("a").length).toBe(1);
  expect(mount.querySelector("a a")).toBeNull();
});
