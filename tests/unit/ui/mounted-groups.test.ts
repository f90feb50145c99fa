import { expect, test } from "vitest";
import { groupRows } from "../../../src/state/row-groups.ts";
import { HeightsOfSessions } from "../../../src/ui/heights-of-sessions.ts";
import { MountedGroups } from "../../../src/ui/mounted-groups.ts";
import { sessionId, turnId } from "../state/samples.ts";

const SCREEN_PX = 800;
const COLUMN_PX = 720;
const groups = groupRows(Array.from({ length: 40 }, (_, at) => ({ key: turnId(at + 1), slots: [] })));

/** How many groups are put in for who opens the session. */
function groupsAtOnce(mounted: MountedGroups): number {
  return mounted.segments(groups, new Set()).filter(({ kind }) => kind === "group").length;
}

test("who comes back to a session is shown the groups that fill the screen, by their heights of before", () => {
  const heights = new HeightsOfSessions();
  const session = sessionId(1);
  // Guessed of two turns without words: 300 px each.
  expect(groupsAtOnce(new MountedGroups(SCREEN_PX, heights.of(session)))).toBe(4);
  for (const group of groups) heights.of(session).measure(group, 900, COLUMN_PX);
  expect(groupsAtOnce(new MountedGroups(SCREEN_PX, heights.of(session)))).toBe(2);
  expect(groupsAtOnce(new MountedGroups(SCREEN_PX, heights.of(sessionId(2))))).toBe(4);
});

test("heights are kept of the sessions that were seen last", () => {
  const heights = new HeightsOfSessions();
  const [often, once] = [heights.of(sessionId(1)), heights.of(sessionId(2))];
  for (let at = 3; at < 18; at += 1) {
    heights.of(sessionId(at));
    expect(heights.of(sessionId(1))).toBe(often);
  }
  expect(heights.of(sessionId(2))).not.toBe(once);
});
