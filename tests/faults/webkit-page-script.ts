/**
 * Runs before the page's own scripts: what WebKit's inspector can't do from outside. A wall clock that can be moved
 * (timers keep their pace), and `navigator.onLine` with its events.
 */
export function pageScript(clockOffsetMs: number, isOffline: boolean): string {
  return `(${hookPage.toString()})(${clockOffsetMs}, ${isOffline});`;
}

/** Runs in the page: sees nothing of this file. */
function hookPage(clockOffsetMs: number, isOffline: boolean): void {
  const hooks = { clockOffsetMs, isOffline };
  Object.defineProperty(window, "__faultHooks", { value: hooks });
  const RealDate = Date;
  const now = (): number => RealDate.now() + hooks.clockOffsetMs;
  window.Date = new Proxy(RealDate, {
    construct: (target, args: unknown[], newTarget: new () => object) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver: unknown) =>
      key === "now" ? now : (Reflect.get(target, key, receiver) as unknown),
  });
  Object.defineProperty(Navigator.prototype, "onLine", { configurable: true, get: () => !hooks.isOffline });
}
