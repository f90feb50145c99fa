import { median } from "./statistics.ts";

/** Three figures that count: "0.0345", "12.3", "1,230". */
export function describeNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en", { minimumFractionDigits: 0, maximumFractionDigits: Math.min(digits, 6) });
}

/** The median, and from where to where the rounds went. */
export function describeSpread(values: readonly number[]): string {
  if (values.length === 0) return "–";
  const middle = describeNumber(median(values));
  if (values.length === 1) return middle;
  return `${middle} [${describeNumber(Math.min(...values))} – ${describeNumber(Math.max(...values))}]`;
}
