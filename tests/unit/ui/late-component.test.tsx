// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, test, vi } from "vitest";
import { lateComponent } from "../../../src/ui/late-component.tsx";

const Panel = () => <p>panel</p>;
const UNAVAILABLE = <p>not loaded</p>;

afterEach(() => render(null, document.body));

test("draws nothing until it has come, then itself, at once the next time", async () => {
  const load = vi.fn<() => Promise<typeof Panel>>().mockResolvedValue(Panel);
  const late = lateComponent(load, UNAVAILABLE);
  render(<late.Component />, document.body);
  expect(document.body.textContent).toBe("");
  await vi.waitFor(() => expect(document.body.textContent).toBe("panel"));
  render(null, document.body);
  render(<late.Component />, document.body);
  expect(document.body.textContent).toBe("panel");
  expect(load).toHaveBeenCalledTimes(1);
});

test("what was preloaded needs no line", async () => {
  const load = vi
    .fn<() => Promise<typeof Panel>>()
    .mockResolvedValueOnce(Panel)
    .mockRejectedValue(new Error("no line"));
  const late = lateComponent(load, UNAVAILABLE);
  await late.preload();
  render(<late.Component />, document.body);
  expect(document.body.textContent).toBe("panel");
});

test("says that it could not be fetched, and tries again the next time", async () => {
  const load = vi
    .fn<() => Promise<typeof Panel>>()
    .mockRejectedValueOnce(new Error("no line"))
    .mockResolvedValue(Panel);
  const late = lateComponent(load, UNAVAILABLE);
  render(<late.Component />, document.body);
  await vi.waitFor(() => expect(document.body.textContent).toBe("not loaded"));
  render(null, document.body);
  render(<late.Component />, document.body);
  await vi.waitFor(() => expect(document.body.textContent).toBe("panel"));
});
