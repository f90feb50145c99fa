import { expect, it } from "vitest";
import { createConversation } from "../../../src/protocol/conversation.ts";
import type { LogFrame } from "../../../src/protocol/frames.ts";
import { createNewsKeeper } from "../../../src/streaming/log-news.ts";
import { epoch, queued, said, turn } from "../../support/streaming-samples.ts";

const E1 = epoch("e1");
const at = (seq: number, of = E1) => ({ epoch: of, seq });
const shape = { earlier: [], conversation: createConversation() };
const text = (seq: number, delta = "x"): LogFrame => ({
  from: seq,
  seq,
  events: [said(turn(1), 0, delta)],
});

it("tells what was folded since the disk was current, and no more once that is saved", () => {
  const news = createNewsKeeper();
  news.note(at(3), text(4));
  news.note(at(4), text(5));
  const first = news.read(at(5), shape);
  expect(first).toMatchObject({ after: 3, frames: [{ seq: 4 }, { seq: 5 }] });
  news.note(at(5), text(6));
  news.saved({ cursor: at(5), news: first });
  expect(news.read(at(6), shape)).toMatchObject({ after: 5, frames: [{ seq: 6 }], isReshaped: false });
});

it("begins anew after a cursor that came by another way than a frame, whether it was read in between or not", () => {
  const news = createNewsKeeper();
  news.note(at(0), text(1));
  news.note(at(50), text(51));
  expect(news.read(at(51), shape)).toMatchObject({ after: 50, frames: [{ seq: 51 }] });
  expect(news.read(at(90), shape)).toMatchObject({ after: 90, frames: [] });
  news.note(at(90), text(91));
  news.note(at(91, epoch("e2")), text(92));
  expect(news.read(at(92, epoch("e2")), shape)).toMatchObject({ after: 91, frames: [{ seq: 92 }] });
});

it("tells a new shape until it is saved: turns, or the pieces in which they are held", () => {
  const news = createNewsKeeper();
  news.note(at(0), { from: 1, seq: 1, events: [queued(turn(1))] });
  const first = news.read(at(1), shape);
  expect(first.isReshaped).toBe(true);
  news.saved({ cursor: at(1), news: first });
  news.note(at(1), text(2));
  expect(news.read(at(2), shape).isReshaped).toBe(false);
  expect(news.read(at(2), { ...shape, earlier: [] }).isReshaped).toBe(true);
  expect(news.read(at(2), { ...shape, conversation: createConversation() }).isReshaped).toBe(true);
  news.note(at(2), { from: 3, seq: 3, events: [queued(turn(2))] });
  expect(news.read(at(3), shape).isReshaped).toBe(true);
});

it("keeps no more than a bounded text for a disk that takes nothing", () => {
  const news = createNewsKeeper();
  for (let seq = 1; seq <= 40; seq += 1) news.note(at(seq - 1), text(seq, "x".repeat(100_000)));
  const kept = news.read(at(40), shape);
  expect(kept.frames.length).toBeLessThan(12);
  expect(kept.after).toBe(40 - kept.frames.length);
});
