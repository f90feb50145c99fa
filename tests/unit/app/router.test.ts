import { expect, test } from "vitest";
import { parseRoute, routePath } from "../../../src/app/router.ts";
import { sessionId } from "../state/samples.ts";

test("a session's path leads back to it, however it is written", () => {
  const path = routePath(sessionId(1));
  expect(parseRoute(path)).toEqual({ kind: "session", session: sessionId(1) });
  expect(parseRoute(`${path.toUpperCase().replace("/S/", "/s/")}/`)).toEqual({
    kind: "session",
    session: sessionId(1),
  });
});

test.each(["/s/", "/s/nonsense", "/s/a/b", "/settings", "/s/%00"])("%s is said to be unknown", (path) => {
  expect(parseRoute(path)).toEqual({ kind: "unknown", path });
});

test("the start is a new session", () => {
  expect(parseRoute(routePath(undefined))).toEqual({ kind: "new" });
});
