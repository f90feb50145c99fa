/** Where the page's wall clock is moved to; read at every look at it. Unit: ms. */
const OFFSET = "__clockOffsetMs";

/** Runs before the page's own scripts: `Date` is moved, timers and `performance.now` keep their pace. */
export function clockScript(offsetMs: number): string {
  return `{
  const isWrapped = "${OFFSET}" in window;
  window.${OFFSET} = ${offsetMs};
  if (!isWrapped) {
    const Native = Date;
    window.Date = new Proxy(Native, {
      construct: (target, args, newTarget) =>
        Reflect.construct(target, args.length === 0 ? [target.now() + window.${OFFSET}] : args, newTarget),
      apply: () => new Native(Native.now() + window.${OFFSET}).toString(),
      get: (target, key) => (key === "now" ? () => target.now() + window.${OFFSET} : Reflect.get(target, key)),
    });
  }
}`;
}
