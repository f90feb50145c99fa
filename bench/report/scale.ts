/** Where a value lies between 0 and 1, and where lines help the eye. */
export interface Scale {
  place(value: number): number;
  readonly ticks: readonly number[];
}

/** From nothing to the next round number. */
export function linearScale(most: number): Scale {
  const magnitude = 10 ** Math.floor(Math.log10(most));
  const step = ([0.2, 0.5, 1, 2].find((factor) => most / (factor * magnitude) <= 6) ?? 2) * magnitude;
  const end = Math.ceil(most / step) * step;
  const count = Math.round(end / step);
  return {
    place: (value) => value / end,
    ticks: Array.from({ length: count + 1 }, (_, at) => at * step),
  };
}

/** Whole decades around the values. */
export function logarithmicScale(least: number, most: number): Scale {
  const from = Math.floor(Math.log10(least));
  const to = Math.max(from + 1, Math.ceil(Math.log10(most)));
  return {
    place: (value) => (Math.log10(value) - from) / (to - from),
    ticks: Array.from({ length: to - from + 1 }, (_, at) => 10 ** (from + at)),
  };
}
