import { readFileSync } from "node:fs";

/** One numbered rule of docs/PROTOCOL.md. */
export interface DocumentedRule {
  /** `P3.2`. */
  readonly number: string;
  /** `3. The stream`. */
  readonly section: string;
  /** Markdown, in one line. */
  readonly text: string;
}

export interface ProtocolDocument {
  /** In the order of the document. */
  readonly rules: readonly DocumentedRule[];
  /** The numbers that section 6 says are tested elsewhere. */
  readonly elsewhere: ReadonlySet<string>;
  /** Codes and statuses of PX.5. */
  readonly problems: ReadonlyMap<string, number>;
}

export const NUMBER = /P(?:\d+|X)\.\d+/g;

export function readProtocolDocument(): ProtocolDocument {
  const text = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");
  const [rulesText = "", elsewhereText = ""] = text.split("## 6. Rules tested elsewhere");
  const rules: DocumentedRule[] = [];
  const problems = new Map<string, number>();
  let section = "";
  for (const line of rulesText.split("\n")) {
    section = /^## (.*)$/.exec(line)?.[1] ?? section;
    const [, number, rest] = /^- \*\*(P(?:\d+|X)\.\d+)\*\* (.*)$/.exec(line) ?? [];
    if (number !== undefined && rest !== undefined) rules.push({ number, section, text: rest });
    const [, status, codes] = /^\s+\| (\d{3}) +\| (.*?) *\|$/.exec(line) ?? [];
    for (const [, code = ""] of codes?.matchAll(/`([a-z-]+)`/g) ?? []) problems.set(code, Number(status));
  }
  const rows = elsewhereText.split("\n").filter((line) => line.startsWith("| P"));
  const elsewhere = new Set(rows.flatMap((row) => row.split("|")[1]?.match(NUMBER) ?? []));
  return { rules, elsewhere, problems };
}
