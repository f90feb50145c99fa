import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createNavigation } from "../../../src/platform/navigation.ts";

/** As much of a window as navigation needs; `manner` is what its browser does with an address too many. */
class FakeWindow extends EventTarget {
  readonly location = { pathname: "/" };
  readonly entries: string[] = ["/"];
  manner: "takes" | "ignores" | "throws" = "takes";
  readonly history = {
    pushState: (_data: unknown, _unused: string, path: string) =>
      this.#go(path, () => this.entries.push(path)),
    replaceState: (_data: unknown, _unused: string, path: string) =>
      this.#go(path, () => this.entries.splice(-1, 1, path)),
  };

  #go(path: string, keep: () => void): void {
    if (this.manner === "throws") throw new DOMException("Too many calls", "SecurityError");
    if (this.manner === "ignores") return;
    keep();
    this.location.pathname = path;
  }
}

const navigationOf = (fake: FakeWindow): ReturnType<typeof createNavigation> =>
  createNavigation(fake as unknown as Window);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("an address is pushed, or takes the place of the last", () => {
  const fake = new FakeWindow();
  const navigation = navigationOf(fake);
  navigation.push("/s/a");
  navigation.replace("/s/b");
  expect(fake.entries).toEqual(["/", "/s/b"]);
  expect(navigation.path()).toBe("/s/b");
});

for (const manner of ["ignores", "throws"] as const) {
  test(`where the browser ${manner} an address too many, the last one is offered until it is taken`, () => {
    const fake = new FakeWindow();
    const navigation = navigationOf(fake);
    fake.manner = manner;
    navigation.push("/s/a");
    navigation.push("/s/b");
    expect(navigation.path()).toBe("/s/b");
    vi.advanceTimersByTime(3_000);
    expect(fake.entries).toEqual(["/"]);
    fake.manner = "takes";
    vi.advanceTimersByTime(1_000);
    expect(fake.entries).toEqual(["/", "/s/b"]);
    vi.advanceTimersByTime(10_000);
    expect(fake.entries).toEqual(["/", "/s/b"]);
  });

  test(`where the browser ${manner} one, going back leaves nothing owed`, () => {
    const fake = new FakeWindow();
    const navigation = navigationOf(fake);
    let pops = 0;
    navigation.subscribe(() => (pops += 1));
    fake.manner = manner;
    navigation.push("/s/a");
    fake.dispatchEvent(new Event("popstate"));
    expect(pops).toBe(1);
    expect(navigation.path()).toBe("/");
    fake.manner = "takes";
    vi.advanceTimersByTime(5_000);
    expect(fake.entries).toEqual(["/"]);
  });
}
