import { expect, test } from "vitest";
import { routes, sessionPagePath } from "../../../src/protocol/routes.ts";
import { approvalId, epoch, sessionId, turnId } from "../../support/wire-samples.ts";

const sid = sessionId(1);
const tid = turnId(2);
const cursor = { epoch: epoch(), seq: 42 };

test.each([
  [routes.health(), "/api/health"],
  [routes.agents(), "/api/agents"],
  [routes.signIn(), "/api/sign-in"],
  [routes.signOut(), "/api/sign-out"],
  [routes.sessions(), "/api/sessions"],
  [routes.sessions({ limit: 5, before: sid }), `/api/sessions?limit=5&before=${sid}`],
  [routes.session(sid), `/api/sessions/${sid}`],
  [routes.snapshot(sid), `/api/sessions/${sid}`],
  [routes.snapshot(sid, { turns: 20, before: tid }), `/api/sessions/${sid}?turns=20&before=${tid}`],
  [routes.events(sid, cursor, 10), `/api/sessions/${sid}/events?after=k3f9.42&limit=10`],
  [routes.events(sid, undefined), `/api/sessions/${sid}/events`],
  [routes.stream(sid, cursor), `/api/sessions/${sid}/stream?after=k3f9.42`],
  [routes.stream(sid, undefined), `/api/sessions/${sid}/stream`],
  [routes.turns(sid), `/api/sessions/${sid}/turns`],
  [routes.turn(sid, tid), `/api/sessions/${sid}/turns/${tid}`],
  [routes.stopTurn(sid, tid), `/api/sessions/${sid}/turns/${tid}/stop`],
  [sessionPagePath(sid), `/s/${sid}`],
])("the address %s is as the contract says", (path, expected) => {
  expect(path).toBe(expected);
});

test("an approval's name is the agent's own text and can't leave its place in the address", () => {
  expect(routes.approval(sid, approvalId("../x?y#z"))).toBe(`/api/sessions/${sid}/approvals/..%2Fx%3Fy%23z`);
});
