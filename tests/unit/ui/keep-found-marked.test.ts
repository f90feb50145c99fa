// @vitest-environment happy-dom
import * as v from "valibot";
import { expect, test, vi } from "vitest";
import { PartIdSchema, TurnIdSchema } from "../../../src/protocol/ids.ts";
import { keepFoundMarked } from "../../../src/ui/keep-found-marked.ts";

const TURN = "0198c0de-0000-7000-8000-000000000001";

test("what is found in a block that is left out is brought into sight once its step comes", async () => {
  const box = document.createElement("div");
  const [turn, part, prose, block] = ["turn", "answer-part", "prose", "block"].map((name) => {
    const element = document.createElement("div");
    element.className = name;
    return element;
  });
  if (!turn || !part || !prose || !block) throw new Error("Four elements were to be made.");
  turn.dataset["turn"] = TURN;
  part.dataset["partId"] = "text";
  block.textContent = "a needle here";
  block.style.display = "none";
  prose.append(block);
  part.append(prose);
  turn.append(part);
  box.append(turn);
  document.body.append(box);
  // No layout here: a range has a place, far below, as soon as its block is shown.
  const place = new DOMRect(0, 5_000, 50, 20);
  const isShown = (): boolean => block.style.display !== "none";
  vi.spyOn(Range.prototype, "getClientRects").mockImplementation(
    () => (isShown() ? [place] : []) as unknown as DOMRectList,
  );
  vi.spyOn(Range.prototype, "getBoundingClientRect").mockImplementation(() =>
    isShown() ? place : new DOMRect(),
  );

  const moves: number[] = [];
  const dispose = keepFoundMarked(
    box,
    {
      query: "needle",
      place: { turn: v.parse(TurnIdSchema, TURN), part: v.parse(PartIdSchema, "text"), index: 0 },
      isGoneTo: true,
    },
    (px) => moves.push(px),
  );
  expect(moves).toEqual([]);

  block.style.display = "";
  await vi.waitFor(() => expect(moves).toEqual([5_000]));
  dispose();
});
