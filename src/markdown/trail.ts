/** What was changed, in order, so that it can be taken back: the trail of logic programming. */
export class Trail {
  readonly #log: unknown[] = [];

  /** A place to come back to. */
  get length(): number {
    return this.#log.length;
  }

  set<T extends object, K extends keyof T>(target: T, key: K, value: T[K]): void {
    this.#log.push(target, key, target[key]);
    target[key] = value;
  }

  /** Takes back all that was set since the trail had that length. */
  undoTo(length: number): void {
    while (this.#log.length > length) {
      const value = this.#log.pop();
      const key = this.#log.pop() as PropertyKey;
      const target = this.#log.pop() as Record<PropertyKey, unknown>;
      target[key] = value;
      // What was shown of it isn't what it is.
      if (key === "text") target["owner"] = undefined;
    }
  }

  /** What was set stays for good. */
  clear(): void {
    this.#log.length = 0;
  }
}
