/** A picture of figures, as data; `report/` draws it. */
export type Chart = BarChart | LineChart;

interface ChartBase {
  /** Names its file. Kebab-case. */
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** For values that lie orders of magnitude apart. */
  readonly isLogarithmic: boolean;
}

/** One bar each, with the range over the rounds. */
export interface BarChart extends ChartBase {
  readonly kind: "bars";
  readonly bars: readonly {
    readonly label: string;
    readonly group: string;
    readonly values: readonly number[];
  }[];
}

/** Lines over a logarithmic x axis. */
export interface LineChart extends ChartBase {
  readonly kind: "lines";
  readonly xTitle: string;
  readonly lines: readonly {
    readonly label: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}
