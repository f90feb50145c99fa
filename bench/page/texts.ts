/** Every section of a mixed text has exactly this length, so that equal windows hold equal work. Unit: UTF-16 code units. */
export const SECTION_CHARS = 5_000;

const WORDS =
  "stream token answer exact every frame paragraph cursor the of and to in that follows a text grows without being read again because closed blocks never change".split(
    " ",
  );

/** What models answer: prose with emphasis, links and code, lists, a table, a quote and a fence. */
export function mixedText(chars: number): string {
  let text = "";
  for (let section = 0; text.length < chars; section += 1) text += mixedSection(section);
  return text.slice(0, chars);
}

function mixedSection(number: number): string {
  const prose = (words: number): string => proseWords(number, words);
  const parts = [
    `## Section ${number}: ${prose(4)}`,
    `${prose(30)} **${prose(3)}** ${prose(20)} *${prose(2)}* and \`${prose(2)}\`. ${prose(25)} [${prose(3)}](https://example.org/${number}) ${prose(20)}.`,
    `- ${prose(12)}\n- **${prose(2)}**: ${prose(14)}\n  - ${prose(8)}\n  - ${prose(9)} \`code\`\n- ${prose(10)}`,
    `${prose(60)}, ~~${prose(3)}~~ ${prose(24)}.`,
    `\`\`\`ts\n${codeLines(number, 14)}\n\`\`\``,
    `| name | ${prose(1)} | value |\n| :--- | :---: | ---: |\n${[1, 2, 3, 4, 5].map((row) => `| ${prose(2)} | *${prose(1)}* | ${row * number} |`).join("\n")}`,
    `> ${prose(26)}\n> ${prose(18)}`,
    `1. ${prose(10)}\n2. ${prose(14)} **${prose(2)}**\n3. ${prose(8)}`,
    `### ${prose(5)}`,
    `${prose(45)} \`${prose(1)}\` ${prose(40)} [${prose(2)}](https://example.org/b/${number}).`,
  ];
  const text = `${parts.join("\n\n")}\n\n`;
  const filler = proseWords(number, 1_000)
    .slice(0, SECTION_CHARS - text.length - 2)
    .trimEnd();
  return `${text}${filler.padEnd(SECTION_CHARS - text.length - 2, ".")}\n\n`;
}

function proseWords(seed: number, count: number): string {
  const word = (at: number): string => WORDS[(seed * 7 + at * 5 + (at >> 2)) % WORDS.length] ?? "";
  return Array.from({ length: count }, (_, at) => word(at)).join(" ");
}

function codeLines(seed: number, count: number): string {
  const line = (at: number): string =>
    `  const value${at} = compute(${seed + at}, "text ${at}"); // ${WORDS[at % WORDS.length]}`;
  return Array.from({ length: count }, (_, at) => line(at)).join("\n");
}

/** One list of single lines. */
export function listText(chars: number): string {
  let text = "";
  for (let item = 0; text.length < chars; item += 1)
    text += `- ${proseWords(item, 6)} **${proseWords(item, 2)}** ${proseWords(item + 3, 5)}\n`;
  return text.slice(0, chars);
}

/** One fence that is never closed. */
export function fenceText(chars: number): string {
  let text = "```ts\n";
  for (let line = 0; text.length < chars; line += 1) text += `${codeLines(line, 1)}\n`;
  return text.slice(0, chars);
}

/** Paragraphs and nothing else. */
export function proseText(chars: number): string {
  let text = "";
  for (let paragraph = 0; text.length < chars; paragraph += 1) text += `${proseWords(paragraph, 60)}.\n\n`;
  return text.slice(0, chars);
}

/** One paragraph in one line. */
export function paragraphText(chars: number): string {
  let text = "";
  for (let sentence = 0; text.length < chars; sentence += 1) text += `${proseWords(sentence, 14)}. `;
  return text.slice(0, chars);
}

/** One table that never ends. */
export function tableText(chars: number): string {
  let text = "| a | b | c |\n| - | - | - |\n";
  for (let row = 0; text.length < chars; row += 1)
    text += `| ${proseWords(row, 4)} | *${proseWords(row, 2)}* | ${row} |\n`;
  return text.slice(0, chars);
}
