/** A Markdown table. Cells may hold anything: what would break a row is escaped. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, columns.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/\s*\n\s*/g, " ");
}

/** `12,345`. */
export function number(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 round`, `2 rounds`, `0 rounds`: the count with its noun, which takes a plain "s" from two on. */
export function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `3 h 20 min`, `4 min 10 s`, `12 s`: as exact as anybody wants to read. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${number(Math.round(hours / 24))} days`;
}
