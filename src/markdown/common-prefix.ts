/** How many code units two texts begin with alike. */
export function commonPrefix(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  if (a.length <= b.length && b.startsWith(a)) return length;
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}
