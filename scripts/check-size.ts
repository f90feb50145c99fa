import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** JavaScript of the first load: what index.html names, and what that imports statically. Unit: bytes of gzip. */
const FIRST_LOAD_BUDGET = 80_600;

/**
 * The parser and the writer of answers: the chunk that is loaded beside the first load. Unit: bytes of gzip.
 * 16,000 is what we want. No part is large: without healing (700), footnotes (900), math (600), literal links (1,000), raw HTML
 * (1,000) and pictures (260), all of which are promised, it would still have 16,700. Names of properties made short by another
 * minifier would save 1,000 more, at the price of what a report of an error can say.
 */
const FORMATTER_BUDGET = 21_400;

const DIST = new URL("../dist/", import.meta.url);

const read = (name: string): string => readFileSync(new URL(name, DIST), "utf8");

const html = read("index.html");
const pending = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1] ?? "");
const sizes = new Map<string, number>();
for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
  if (sizes.has(name)) continue;
  const source = read(name);
  sizes.set(name, gzipSync(source, { level: 9 }).length);
  // Static imports only: `import("./x.js")` is fetched when it is needed.
  for (const match of source.matchAll(
    /(?:import|export)\s*(?:[\w*{}\s,$]+from\s*)?["']\.\/([^"']+\.js)["']/g,
  )) {
    pending.push(`assets/${match[1] ?? ""}`);
  }
}

let total = 0;
for (const [name, bytes] of sizes) {
  total += bytes;
  console.log(`${(bytes / 1000).toFixed(1).padStart(8)} kB  ${name}`);
}
console.log(
  `${(total / 1000).toFixed(1).padStart(8)} kB  first load, gzip (budget ${FIRST_LOAD_BUDGET / 1000} kB)`,
);
const formatters = readdirSync(new URL("assets/", DIST)).filter((name) =>
  /^answer-writer-.*\.js$/.test(name),
);
const formatterBytes = formatters.reduce(
  (sum, name) => sum + gzipSync(read(`assets/${name}`), { level: 9 }).length,
  0,
);
console.log(
  `${(formatterBytes / 1000).toFixed(1).padStart(8)} kB  parser and writer, gzip (budget ${FORMATTER_BUDGET / 1000} kB)`,
);
if (formatters.length === 0)
  console.error("The chunk of the answer writer is not there: it has another name, or is part of another.");
if (formatters.length === 0 || formatterBytes > FORMATTER_BUDGET) process.exitCode = 1;
if (sizes.size === 0)
  console.error("No script found in dist/index.html: build first, or the page has changed its shape.");
if (sizes.size === 0 || total > FIRST_LOAD_BUDGET) process.exitCode = 1;
