/** Past what `sought`, which is sticky, matches at `offset`; `offset`: it isn't there. */
export function skip(sought: RegExp, text: string, offset: number): number {
  sought.lastIndex = offset;
  return sought.test(text) ? sought.lastIndex : offset;
}
