import { expect, test } from "vitest";
import { runningInQueue, turnsToStart, type QueuedTurn } from "../../../src/backend/turn-queue.ts";
import { turnId } from "../../support/wire-samples.ts";

const turn = (
  number: number,
  status: QueuedTurn["status"],
  mode: QueuedTurn["mode"] = "queue",
): QueuedTurn => ({
  id: turnId(number),
  status,
  mode,
});
const nobody = (): boolean => false;

test("the first queued turn starts when the lane is free", () => {
  expect(turnsToStart([turn(1, "ended"), turn(2, "queued"), turn(3, "queued")], nobody)).toEqual([turnId(2)]);
});

test("nothing queued starts while one runs, or is being started", () => {
  expect(turnsToStart([turn(1, "running"), turn(2, "queued")], nobody)).toEqual([]);
  expect(turnsToStart([turn(1, "queued"), turn(2, "queued")], (id) => id === turnId(1))).toEqual([]);
});

test("steering turns go ahead of the queue, in the order in which they were sent", () => {
  const turns = [turn(1, "queued"), turn(2, "queued", "steer"), turn(3, "queued", "steer")];
  expect(turnsToStart(turns, nobody)).toEqual([turnId(2)]);
});

test("parallel turns start at once and hold nobody up", () => {
  const turns = [
    turn(1, "running", "parallel"),
    turn(2, "queued"),
    turn(3, "queued", "parallel"),
    turn(4, "queued", "parallel"),
  ];
  expect(turnsToStart(turns, nobody)).toEqual([turnId(3), turnId(4), turnId(2)]);
  expect(turnsToStart(turns, (id) => id === turnId(3))).toEqual([turnId(4), turnId(2)]);
});

test("a steer without a target means the queue's running turn, never a parallel one", () => {
  expect(runningInQueue([turn(1, "running", "parallel"), turn(2, "running")])).toBe(turnId(2));
  expect(runningInQueue([turn(1, "running", "parallel"), turn(2, "queued")])).toBeUndefined();
});
