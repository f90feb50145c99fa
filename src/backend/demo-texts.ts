/** The words of `words`, in an order of their own. */
export const DEMO_WORDS: readonly string[] =
  "harbour lantern river quiet morning signal anchor paper window garden copper meadow winter letter bridge orchard candle market violet thunder".split(
    " ",
  );

export const DEMO_MARKDOWN = `# A tour of markdown

Text can be **strong**, *emphasised*, ~~struck~~ or \`code\`.

## Lists

1. First
2. Second
   - nested
   - also nested
3. Third

- [x] done
- [ ] to do

## A table

| City | River | Bridges |
|:-----|:-----:|--------:|
| Prague | Vltava | 18 |
| Paris | Seine | 37 |
| Budapest | Danube | 9 |

> A quote, of two lines,
> that says nothing new.

A [link](https://example.com/), and a rule:

---

That is all. 🎉
`;

export const DEMO_CODE = `Three ways to greet.

\`\`\`ts
export function greet(name: string): string {
  return \`Hello, \${name}!\`;
}
\`\`\`

\`\`\`python
def greet(name: str) -> str:
    return f"Hello, {name}!"
\`\`\`

\`\`\`sh
echo "Hello, $USER!"
\`\`\`

The first one is checked by a compiler.
`;

/** Mixed markdown of exactly `kb` KiB: ASCII only, so that characters are bytes. */
export function longMarkdown(kb: number): string {
  const chars = kb * 1024;
  const sections: string[] = [];
  let length = 0;
  for (let number = 1; length < chars; number += 1) {
    const section = longSection(number);
    sections.push(section);
    length += section.length;
  }
  return sections.join("").slice(0, chars);
}

function longSection(number: number): string {
  const sentence = (offset: number): string => {
    const chosen = Array.from(
      { length: 12 },
      (_, index) => DEMO_WORDS[(number * 5 + offset * 3 + index * 7) % DEMO_WORDS.length],
    );
    return `${chosen.join(" ")}.`;
  };
  const prose = Array.from({ length: 5 }, (_, index) => sentence(index)).join(" ");
  const list = Array.from(
    { length: 4 },
    (_, index) => `- item ${number}.${index + 1}: ${sentence(index + 5)}`,
  ).join("\n");
  const code = `\`\`\`js\nconst section = ${number};\nconsole.log(section * 2);\n\`\`\``;
  return `## Section ${number}\n\n${prose}\n\n${list}\n\n${code}\n\n`;
}
