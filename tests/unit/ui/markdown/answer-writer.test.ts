// @vitest-environment happy-dom
import * as fc from "fast-check";
import { Lexer } from "marked";
import { expect, test, vi } from "vitest";
import type { WriterClock } from "../../../../src/ui/markdown/answer-writer.ts";
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
  expect(mount.querySelector("h1")?.textContent).toBe("Title");
  expect(count("strong")).toBe(1);
  expect(count("ul ul")).toBe(1);
  expect(count("ol > li")).toBe(2);
  expect(count("blockquote blockquote")).toBe(1);
  expect(count(".md-table > table > tbody > tr")).toBe(2);
  expect(mount.querySelector("td[data-align=right] code")?.textContent).toBe("x|y");
  expect(mount.querySelector(".md-code code")?.textContent).toBe('const a = 1 < 2 && "<b>";');
  expect(mount.querySelector(".md-code-bar")?.getAttribute("data-language")).toBe("js");
  expect(mount.querySelector("input")?.hasAttribute("disabled")).toBe(true);
  expect(mount.querySelector("a[href='https://ref.example/x']")?.textContent).toBe("reference");
  expect(mount.querySelector("a")?.getAttribute("href")).toBe("https://example.org/a?b=1&c=2");
  expect(mount.textContent).toContain("1 < 2");
  expect(mount.textContent).toContain("The note.");
  expect(mount.textContent).toContain('<div onclick="x()">raw *html*</div>');
});

test("every link opens apart and tells nothing of where it was", () => {
  const anchors = [...renderWhole(SAMPLE).querySelectorAll("a")];
  expect(anchors.length).toBeGreaterThan(3);
  for (const anchor of anchors) {
    expect(anchor.getAttribute("rel")).toBe("noopener noreferrer nofollow");
    expect(anchor.getAttribute("target")).toBe("_blank");
  }
});

test("a picture is named with its host and never loaded", () => {
  const mount = renderWhole("![A cat](https://img.example/cat.png)");
  expect(mount.querySelector("img")).toBeNull();
  expect(mount.querySelector("a.md-image")?.textContent).toBe("A cat (img.example)");
});

test("every prefix looks as if it had been written at once", () => {
  const { mount, stream } = createHarness();
  for (let at = 0; at < SAMPLE.length; at += 1) {
    stream(SAMPLE.charAt(at));
    // Every third, and all of the first blocks: a page of the whole is made for each.
    if (at > 200 && at % 3 !== 0) continue;
    expect(mount.innerHTML).toBe(renderWhole(SAMPLE.slice(0, at + 1)).innerHTML);
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
  const text = three?.querySelector("code")?.firstChild;
  stream("\nb\n```\n\nFour");
  expect(mount.children[0]).toBe(one);
  expect(mount.children[1]).toBe(two);
  expect(mount.children[2]).toBe(three);
  expect(three?.querySelector("code")?.firstChild).toBe(text);
  expect(text?.textContent).toBe("a\nb");
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

test("a long settled beginning is not read again", () => {
  const { stream } = createHarness();
  const paragraph = `${"word ".repeat(40)}\n\n`;
  stream(paragraph.repeat(50));
  const read = vi.spyOn(Lexer.prototype, "blockTokens");
  stream("more");
  expect(read.mock.calls[0]?.[0].length).toBeLessThan(2 * paragraph.length);
});

test("a press of Copy copies the code, and says so", async () => {
  const copied: string[] = [];
  Object.defineProperty(navigator, "clipboard", {
    configurable: true,
    value: { writeText: (text: string) => Promise.resolve(void copied.push(text)) },
  });
  const mount = renderWhole("```\na < b\n```");
  mount.querySelector<HTMLElement>("button[aria-label='Copy code']")?.click();
  await expect.poll(() => mount.querySelector<HTMLElement>(".md-copy")?.dataset["copied"]).toBe("yes");
  expect(copied).toEqual(["a < b"]);
});

interface SlowClock extends WriterClock {
  advance(ms: number): void;
}

/** Every reading of the time costs `readMs`: a write takes that long. */
function createSlowClock(readMs: number): SlowClock {
  let nowMs = 0;
  let waiting: { readonly at: number; readonly run: () => void } | undefined;
  return {
    now: () => (nowMs += readMs),
    setTimer(delayMs, run) {
      waiting = { at: nowMs + delayMs, run };
      return () => (waiting = undefined);
    },
    advance(ms) {
      nowMs += ms;
      if (waiting === undefined || waiting.at > nowMs) return;
      const { run } = waiting;
      waiting = undefined;
      run();
    },
  };
}

test("a write that took long is followed by a pause, after which the newest text is shown", () => {
  const clock = createSlowClock(20);
  const { mount, stream } = createHarness(clock);
  stream("one ");
  stream("two ");
  stream("three");
  expect(mount.textContent).toBe("one ");
  clock.advance(500);
  expect(mount.textContent).toBe("one two three");
});

test("a settled text is written at once in spite of the pause", () => {
  const { mount, stream, settle } = createHarness(createSlowClock(20));
  stream("one ");
  stream("two");
  settle();
  expect(mount.textContent).toBe("one two");
});

test("a writer that was disposed of writes no more and leaves nothing", () => {
  const clock = createSlowClock(20);
  const { mount, stream, writer } = createHarness(clock);
  stream("one ");
  stream("two ");
  writer.dispose();
  writer.dispose();
  clock.advance(1_000);
  stream("three");
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
