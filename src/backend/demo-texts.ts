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

export const DEMO_SHOWCASE = `# How fast does a queue empty?

Little's law[^little] says that the mean number of requests in a system is $L = \\lambda W$: their rate times how long each stays. With one worker[^mm1] and a load of $\\rho = \\lambda / \\mu < 1$,

$$
W = \\frac{1}{\\mu - \\lambda} = \\frac{1/\\mu}{1 - \\rho}
$$

so the wait grows without bound as $\\rho \\to 1$.

| Load | Mean wait | In the system | What a user says |
|-----:|----------:|--------------:|:-----------------|
| 50 % | 2 × | 1 | nothing |
| 80 % | 5 × | 4 | ~~nothing~~ "a bit slow" |
| 95 % | 20 × | 19 | **"is it down?"** |

## Measured

\`\`\`ts title="src/queue.ts"
/** Mean time in the system. Unit: ms. */
export function meanWaitMs(arrivals: number, served: number): number {
  const load = arrivals / served; // requests per second
  if (load >= 1) throw new RangeError(\`A load of \${load} never ends.\`);
  return 1_000 / (served - arrivals);
}
\`\`\`

\`\`\`python
import random

def simulate(rate: float, service: float, n: int = 10_000) -> float:
    """Mean time in the system, by playing it."""
    now = free = total = 0.0
    for _ in range(n):
        now += random.expovariate(rate)
        free = max(now, free) + random.expovariate(service)
        total += free - now
    return total / n
\`\`\`

\`\`\`sql
SELECT date_trunc('minute', at) AS minute, avg(wait_ms) AS wait
FROM requests WHERE at > now() - interval '1 hour' -- the last hour
GROUP BY 1 ORDER BY 1;
\`\`\`

\`\`\`diff queue.patch
@@ -1,3 +1,3 @@
-const workers = 1;
+const workers = 2;
 start(workers);
\`\`\`

## Drawn

\`\`\`mermaid
flowchart LR
  Requests -- λ --> Queue
  Queue --> Worker
  Worker -- μ --> Done
  Worker -. error .-> Queue
\`\`\`

1. Measure $\\lambda$ and $\\mu$.
2. Keep $\\rho$ below 0.8:
   - [x] a second worker
   - [ ] a limit to the queue

[^little]: J. D. C. Little, *A Proof for the Queuing Formula L = λW*, 1961.
[^mm1]: The M/M/1 queue: arrivals and service times are exponential.
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
