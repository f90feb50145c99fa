import { type VirtualServer } from "./virtual-server.ts";
import { PAST_PREFIX } from "./script.ts";
import type { Dice } from "./dice.ts";
import type { TrueTime } from "./true-time.ts";

/** More than a page from the end, a page from the beginning and the gap between them hold. */
const PAST_TURNS = 8;

/** Longer than any of its answers takes, the question in it included. Unit: ms. */
const ANSWERED_MS = 60_000;

/** A session that the server had before anybody looked: whoever opens it gets its end, and jumps far up. */
export async function tellPast(time: TrueTime, dice: Dice, server: VirtualServer): Promise<void> {
  const hex = (at: number): string =>
    dice.whole(0, 0xffff_ffff).toString(16).padStart(11, "0") + at.toString(16);
  const session = `/api/sessions/${PAST_PREFIX}${hex(0)}`;
  const ask = async (method: string, url: string, body: unknown): Promise<void> => {
    void server.answer({ method, url, headers: {}, body: JSON.stringify(body) });
    await time.advance(200);
  };
  await ask("PUT", session, {});
  for (let turn = 1; turn <= PAST_TURNS; turn += 1) {
    const id = `${PAST_PREFIX}${hex(turn)}`;
    // Side by side, so that the story begins soon.
    await ask("POST", `${session}/turns`, { id, text: `Past ${turn}`, mode: "parallel" });
  }
  await time.advance(ANSWERED_MS);
}
