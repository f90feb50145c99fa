import { readProtocolDocument } from "./protocol-document.ts";
import { conformanceRules } from "./rules.ts";
import { TEST_AGENT_PROMPTS } from "./test-agent.ts";
import { WRONG_SERVERS } from "./wrong-servers.ts";

/** The tables of docs/CONFORMANCE.md by the name in their marker, made from what is run. */
export function docsTables(): Readonly<Record<string, string>> {
  return { prompts: promptTable(), rules: ruleTables(), "wrong-servers": wrongServerTable() };
}

/** `document` with every marked table as it should be. */
export function withTables(document: string): string {
  return Object.entries(docsTables()).reduce((text, [name, table]) => {
    const [before, rest] = text.split(`<!-- ${name}: made by the tests -->\n`);
    const after = rest?.split(`<!-- /${name} -->`)[1];
    if (before === undefined || after === undefined) throw new Error(`no place for the table "${name}"`);
    return `${before}<!-- ${name}: made by the tests -->\n\n${table}\n\n<!-- /${name} -->${after}`;
  }, document);
}

function promptTable(): string {
  return table(
    ["prompt", "what the agent does"],
    TEST_AGENT_PROMPTS.map((prompt) => [prompt.usage, prompt.contract]),
  );
}

function ruleTables(): string {
  const { rules, elsewhere } = readProtocolDocument();
  const tests = conformanceRules();
  const sections = [...new Set(rules.map((rule) => rule.section))];
  return sections
    .map((section) => {
      const rows = rules
        .filter((rule) => rule.section === section)
        .map((rule) => {
          const own = tests.filter((test) => test.numbers.includes(rule.number));
          const said = own.map((test) => test.sentence);
          if (elsewhere.has(rule.number)) said.push("_also or only elsewhere: PROTOCOL §6_");
          const needs = [...new Set(own.flatMap((test) => test.needs))];
          return [rule.number, said.join("; "), needs.join(", ")];
        });
      return `### PROTOCOL §${section}\n\n${table(["rule", "what is tested", "needs"], rows)}`;
    })
    .join("\n\n");
}

function wrongServerTable(): string {
  return table(
    ["a server that", "breaks"],
    WRONG_SERVERS.map((server) => [server.does, server.rule]),
  );
}

/** Columns as wide as their widest cell, as the formatter leaves them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(3, ...escaped.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  const [first = [], ...others] = escaped;
  return [line(first), line(widths.map((width) => "-".repeat(width))), ...others.map(line)].join("\n");
}
