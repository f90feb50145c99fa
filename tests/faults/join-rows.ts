import type { FaultsReport } from "../support/reliability-report.ts";

type Row = FaultsReport["rows"][number];

/**
 * What two runs over the same source say together: a scenario that was played again speaks by its later row, any other by
 * its earlier one. A pass does not hide that it failed before: its notes say so.
 */
export function joinRows(earlier: readonly Row[], later: readonly Row[]): readonly Row[] {
  const rows = new Map(earlier.map((row) => [keyOf(row), row]));
  for (const row of later) {
    const before = rows.get(keyOf(row));
    if (before !== undefined && row.outcome === "not-run") continue;
    rows.set(
      keyOf(row),
      before?.outcome === "fail" && row.outcome === "pass" ? withFailure(row, before) : row,
    );
  }
  return [...rows.values()];
}

const keyOf = ({ id, engine }: Row): string => `${id} ${engine}`;

function withFailure(row: Row, before: Row): Row {
  const why = (before.why ?? "").split("\n", 1)[0]?.slice(0, 160) ?? "";
  return { ...row, notes: [...(row.notes ?? []), `failed in an earlier run of this source: ${why}`] };
}
