// @vitest-environment happy-dom
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createBuffer } from "../../../../src/protocol/conversation.ts";
import { createAnswerWriter } from "../../../../src/ui/markdown/answer-writer.ts";
import { createHarness, renderWhole } from "./writer-harness.ts";

const SAMPLE = `# Title

A paragraph with **bold**, *em*, ~~gone~~, \`code\` and a [link](https://example.org/a?b=1&amp;c=2 "t").
It has a [reference][ref], an auto https://auto.example and 1 &lt; 2.

- one
- [x] done
  - nested

    loose

1. first
2. second

> quote
> > deeper

| a | b |
|:-:|--:|
| 1 | \`x\\|y\` |
| <br> | ![pic](https://img.example/p.png) |

\`\`\`js title
const a = 1 < 2 && "<b>";
\`\`\`

    indented

<div onclick="x()">raw *html*</div>

Setext
------

Footnote[^1] and ***

[^1]: The note.

[ref]: https://ref.example/x
`;

test("an answer is formatted", () => {
  const mount = renderWhole(SAMPLE);
  const count = (selector: string): number => mount.querySelectorAll(selector).length;
  // One below the page's own title.
  expect(mount.querySelector("h2")?.textContent).toBe("Title");
  expect(mount.querySelector("h3")?.textContent).toBe("Setext");
  expect(count("strong")).toBe(1);
  expect(count("ul ul")).toBe(1);
  expect(count("ol > li")).toBe(3);
  expect(count("blockquote blockquote")).toBe(1);
  expect(count(".md-table > table > tbody > tr")).toBe(2);
  expect(count("thead th[scope=col]")).toBe(2);
  expect(mount.querySelector("td[data-align=right] code")?.textContent).toBe("x|y");
  expect(count("td > br")).toBe(1);
  expect(mount.querySelector(".md-code code")?.textContent).toBe('const a = 1 < 2 && "<b>";\n');
  expect(mount.querySelector("input")?.hasAttribute("disabled")).toBe(true);
  expect(mount.querySelector("a[href='https://ref.example/x']")?.textContent).toBe("reference");
  expect(mount.querySelector("a")?.getAttribute("href")).toBe("https://example.org/a?b=1&c=2");
  expect(mount.textContent).toContain("1 < 2");
  expect(mount.textContent).toContain('<div onclick="x()">raw *html*</div>');
});

test("a footnote and what refers to it lead to each other, and to nothing of another answer", () => {
  const open = (idPrefix: string): HTMLElement => {
    const harness = createHarness({ idPrefix });
    harness.append("One[^a], two[^b], one again[^a].\n\n[^b]: Second.\n[^a]: First.\n");
    harness.settle();
    return harness.mount;
  };
  const [mount, other] = [open("p1-"), open("p2-")];
  const references = [...mount.querySelectorAll<HTMLElement>(".md-footnote-reference > a")];
  expect(references.map((anchor) => anchor.textContent)).toEqual(["1", "2", "1"]);
  const notes = [...mount.querySelectorAll(".md-footnotes li")];
  expect(notes.map((note) => note.textContent)).toEqual(["First.", "Second."]);
  references[0]?.click();
  expect(document.activeElement).toBe(notes[0]);
  notes[0]?.querySelector<HTMLElement>("a:last-child")?.click();
  expect(document.activeElement).toBe(references[2]);
  const ids = [mount, other].flatMap((root) => [...root.querySelectorAll("[id]")].map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
  expect(location.hash).toBe("");
});

test("every link opens apart and tells nothing of where it was", () => {
  const anchors = [...renderWhole(SAMPLE).querySelectorAll("a:not([href^='#'])")];
  expect(anchors.length).toBe(3);
  for (const anchor of anchors) {
    expect(anchor.getAttribute("rel")).toBe("noopener noreferrer nofollow");
    expect(anchor.getAttribute("target")).toBe("_blank");
  }
});

test("a picture is named with its host and loaded when it is pressed, which tells nothing", () => {
  const mount = renderWhole('![A **cat**](https://img.example/cat.png "Tom")');
  expect(mount.querySelector("img")).toBeNull();
  const button = mount.querySelector<HTMLElement>("button.md-image");
  expect(button?.textContent).toBe("A cat (img.example)");
  button?.click();
  const image = mount.querySelector("img");
  expect(image?.alt).toBe("A cat");
  expect(image?.getAttribute("src")).toBe("https://img.example/cat.png");
  expect(image?.getAttribute("referrerpolicy")).toBe("no-referrer");
  image?.dispatchEvent(new Event("error"));
  expect(mount.querySelector("button.md-image")?.getAttribute("data-failed")).toBe("yes");
});

test("the keyboard stays where a picture was asked for, and where it could not be had", () => {
  const mount = renderWhole("![A cat](https://img.example/cat.png)");
  mount.querySelector<HTMLElement>("button.md-image")?.focus();
  mount.querySelector<HTMLElement>("button.md-image")?.click();
  const image = mount.querySelector("img");
  expect(document.activeElement).toBe(image);
  image?.dispatchEvent(new Event("error"));
  expect(document.activeElement).toBe(mount.querySelector("button.md-image"));
});

test("code stands in chunks of 8 lines, those in groups of 16, whatever the pieces were", () => {
  const lines = Array.from({ length: 300 }, (_, index) => `line ${index}\n`);
  const { mount, stream } = createHarness();
  const text = `~~~\n${lines.join("")}`;
  for (let from = 0; from < text.length; from += 7) stream(text.slice(from, from + 7));
  const chunks = [...mount.querySelectorAll(".md-lines")].filter((chunk) => chunk.firstElementChild === null);
  expect(chunks.map((chunk) => chunk.textContent)).toEqual(
    Array.from({ length: 38 }, (_, at) => lines.slice(at * 8, at * 8 + 8).join("")),
  );
  const code = mount.querySelector("code");
  expect(Array.from(code?.children ?? [], ({ children }) => children.length)).toEqual([16, 16, 6]);
  expect(mount.innerHTML).toBe(renderWhole(text).innerHTML);
});

test("a line of code that was none after all leaves no empty chunk or group", () => {
  const { mount, stream } = createHarness();
  stream(`~~~\n${"x\n".repeat(128)}`);
  const before = mount.querySelector("code")?.innerHTML;
  stream("~~");
  expect(mount.querySelectorAll(".md-lines")).toHaveLength(19);
  stream("~\n");
  expect(mount.querySelector("code")?.innerHTML).toBe(before);
});

test.each([
  ["![x](http://img.example/a.png)", "a.md-image[href='http://img.example/a.png'][rel]"],
  ["![x](data:image/png;base64,AA)", "span.md-image"],
  ["![x](/a.png)", "span.md-image"],
  ["[![x](https://img.example/a.png)](https://e.org)", "a[href='https://e.org/'] span.md-image"],
])("%s can't be loaded", (text, selector) => {
  const mount = renderWhole(text);
  expect(mount.querySelector(selector)).not.toBeNull();
  // Links lead nowhere in a test.
  mount.addEventListener("click", (event) => event.preventDefault());
  mount.querySelector<HTMLElement>(".md-image")?.click();
  expect(mount.querySelector("img, button")).toBeNull();
});

/** What is shown of a text that is not settled. */
function streamAtOnce(text: string): string {
  const { mount, stream } = createHarness();
  stream(text);
  return mount.innerHTML;
}

test("every prefix looks as if it had been written at once", () => {
  const { mount, stream } = createHarness();
  for (let at = 0; at < SAMPLE.length; at += 1) {
    stream(SAMPLE.charAt(at));
    // Every third, and all of the first blocks: a page of the whole is made for each.
    if (at > 200 && at % 3 !== 0) continue;
    expect(mount.innerHTML).toBe(streamAtOnce(SAMPLE.slice(0, at + 1)));
  }
}, 60_000);

test("any text in any chunking settles to the page of the whole", () => {
  const piece = fc.constantFrom(
    "word ",
    "\n",
    "\n\n",
    "# ",
    "- ",
    "1. ",
    "  ",
    "    ",
    "> ",
    "```",
    "```js\n",
    "|",
    "|a|b|\n|-|-|\n",
    "**",
    "*",
    "_",
    "`",
    "[",
    "]",
    "](",
    ")",
    "[x]",
    "[x]: https://e.org\n",
    "[^1]",
    "[^1]: n\n",
    "<a>",
    "</a>",
    "<pre>",
    "<div>",
    "</div>\n",
    "https://a.b ",
    "![",
    "---\n",
    "===\n",
    "\\",
    "&amp;",
    "- [ ] ",
    "~~",
    "<!--",
    "-->",
    "\r\n",
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 40 }),
      fc.array(fc.nat(9), { maxLength: 40 }),
      (pieces, sizes) => {
        let rest = pieces.join("");
        const whole = renderWhole(rest).innerHTML;
        const { mount, stream, settle } = createHarness();
        for (const size of sizes) {
          stream(rest.slice(0, size));
          rest = rest.slice(size);
        }
        stream(rest);
        settle();
        expect(mount.innerHTML).toBe(whole);
      },
    ),
    { numRuns: 600 },
  );
}, 60_000);

test("the words of a plain answer are the words of the page, in order", () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const block = fc.tuple(
    fc.constantFrom("", "# ", "- ", "> ", "1. "),
    fc.array(word, { minLength: 1, maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 8 }), (blocks) => {
      const text = blocks.map(([mark, words]) => mark + words.join(" ")).join("\n\n");
      const said = blocks.flatMap(([, words]) => words);
      expect(renderWhole(text).textContent.trim().split(/\s+/)).toEqual(said);
    }),
    { numRuns: 200 },
  );
});

test("blocks that didn't change keep their elements, and a growing one keeps its own", () => {
  const { mount, stream } = createHarness();
  stream("# One\n\nTwo\n\n```\na");
  const [one, two, three] = [...mount.children];
  const line = three?.querySelector(".md-lines .md-lines")?.firstChild;
  stream("\nb\n```\n\nFour");
  expect(mount.children[0]).toBe(one);
  expect(mount.children[1]).toBe(two);
  expect(mount.children[2]).toBe(three);
  expect(three?.querySelector(".md-lines .md-lines")?.firstChild).toBe(line);
  expect(line?.textContent).toBe("a\n");
  expect(mount.children.length).toBe(4);
});

test("a definition that comes late turns what used it before into a link", () => {
  const { mount, stream } = createHarness();
  stream("See [this].\n\nMore.\n\n");
  expect(mount.querySelector("a")).toBeNull();
  stream("[this]: https://e.org\n");
  expect(mount.querySelector("a")?.getAttribute("href")).toBe("https://e.org/");
});

test("a definition that grows is known as it is in the end", () => {
  const { mount, stream } = createHarness();
  stream("One.\n\n[this]\n\nTwo.\n\n[this]: https://e");
  stream("xample.org\n\nThree.\n\nFour.\n\n");
  stream("[this]: https://second.org\n");
  expect(mount.querySelector("a")?.getAttribute("href")).toBe("https://example.org/");
});

test("a long beginning is not touched again", async () => {
  const { mount, stream } = createHarness();
  stream(`${"word ".repeat(40)}\n\n`.repeat(200));
  const touched: Node[] = [];
  const observer = new MutationObserver((records) => touched.push(...records.map(({ target }) => target)));
  observer.observe(mount, { subtree: true, childList: true, characterData: true, attributes: true });
  stream("more");
  stream(" and more");
  await Promise.resolve();
  expect(new Set(touched).size).toBeLessThan(5);
  observer.disconnect();
});

test("without time the rest is left for the next call, and nothing is lost", () => {
  const text = `${"word ".repeat(40)}\n\n`.repeat(100);
  const { mount, writer, buffer, append } = createHarness();
  append(text);
  expect(writer.update(buffer, true, () => false)).toBe(false);
  expect(mount.textContent.length).toBeLessThan(5_000);
  while (!writer.update(buffer, true, () => false));
  expect(mount.innerHTML).toBe(renderWhole(text).innerHTML);
});

test("a text that grows though it was settled is shown as a whole", () => {
  const { mount, stream, settle } = createHarness();
  stream("**a");
  settle();
  expect(mount.textContent).toBe("**a");
  stream("**");
  settle();
  expect(mount.innerHTML).toBe("<p><strong>a</strong></p>");
});

test("the caret is on the element of the last words alone, and leaves nothing behind", () => {
  const { mount, stream, writer } = createHarness();
  const carets = (): string[] => [...mount.querySelectorAll(".md-caret")].map(({ localName }) => localName);
  writer.showCaret(true);
  expect(mount.className).toBe("md-caret");
  stream("One\n\n- two");
  expect(mount.hasAttribute("class")).toBe(false);
  expect(mount.querySelector("li .md-caret")?.textContent).toBe("two");
  stream("\n\n```\ncode");
  expect(mount.querySelector(".md-lines.md-caret")?.textContent).toBe("code");
  expect(carets().length).toBe(1);
  writer.showCaret(false);
  expect(carets()).toEqual([]);
});

test("a writer that was disposed of writes no more and leaves nothing", () => {
  const { mount, stream, writer } = createHarness();
  stream("one ");
  writer.dispose();
  writer.dispose();
  stream("two");
  expect(mount.childNodes.length).toBe(0);
});

test.each([
  ["quotes", "> ".repeat(5_000) + "x"],
  ["bare quotes", ">".repeat(20_000)],
  ["lists", Array.from({ length: 300 }, (_, at) => `${"  ".repeat(at)}- x`).join("\n")],
  ["brackets", "[".repeat(5_000)],
  ["emphasis", "*a ".repeat(5_000)],
  ["lone surrogate", "a\uD800b"],
  ["nul", "a\u0000b"],
])("%s without end don't throw", (_, text) => {
  expect(() => renderWhole(text)).not.toThrow();
  expect(renderWhole(text).textContent.length).toBeGreaterThan(0);
});

test("a text is long while a block of more than 8,000 characters grows, and not for its own length", () => {
  const mount = document.createElement("div");
  const writer = createAnswerWriter(mount);
  const buffer = createBuffer();
  const grow = (text: string): boolean => {
    for (let at = 0; at < text.length; at += 500) {
      const chunk = text.slice(at, at + 500);
      buffer.chunks.push(chunk);
      buffer.length += chunk.length;
      writer.update(buffer, false);
    }
    return writer.isLong?.() === true;
  };
  expect(grow("Five words in a line.\n\n".repeat(1_000))).toBe(false);
  expect(grow(`\`\`\`\n${"line of code\n".repeat(1_000)}\`\`\`\n\n`)).toBe(false);
  expect(grow(`${"- item\n".repeat(2_000)}\n\n`)).toBe(false);
  expect(grow("word ".repeat(1_500))).toBe(false);
  expect(grow("word ".repeat(200))).toBe(true);
  expect(grow("\n\nword ")).toBe(false);
  writer.dispose();
});
