/** `1 2 3 … n`: what the demo agent answers to `count n`. */
export function countText(n: number): string {
  return Array.from({ length: n }, (_, index) => String(index + 1)).join(" ");
}
