import { createDice, hashText } from "./dice.ts";

/** One thing that a turn's answer does, in order. */
export type ScriptStep =
  | { readonly kind: "text" | "reasoning"; readonly part: string; readonly delta: string }
  | { readonly kind: "tool-start"; readonly part: string }
  | { readonly kind: "tool-output"; readonly part: string; readonly delta: string }
  | { readonly kind: "tool-end"; readonly part: string }
  | { readonly kind: "ask"; readonly id: string }
  | { readonly kind: "fail" };

export interface Script {
  readonly steps: readonly ScriptStep[];
  /** What each part comes to in the end. */
  readonly texts: ReadonlyMap<string, string>;
  /** Between two steps. Unit: ms. */
  readonly paceMs: number;
  /** Goes on when it is told to stop, as a model does whose server does not listen. */
  readonly isDeaf: boolean;
}

const scripts = new Map<string, Script>();

/**
 * What the agent says to a turn, a pure function of session and turn: the checks know it without asking the product.
 * Every word names its session, turn, part and place, so that a word in the wrong place is seen wherever it shows.
 */
export function scriptOf(session: string, turn: string): Script {
  const key = `${session} ${turn}`;
  const known = scripts.get(key);
  if (known !== undefined) return known;
  const made = writeScript(session, turn);
  if (scripts.size > 2_000) scripts.clear();
  scripts.set(key, made);
  return made;
}

/** Sessions from before the story: answers are so long there that pages of a snapshot may have few turns. */
export const PAST_PREFIX = "018bcfd0-0000-7000-8000-";

/** Whether a session, or a turn in it, is from before the story. */
export function isPast(id: string): boolean {
  return id.startsWith(PAST_PREFIX);
}

function writeScript(session: string, turn: string): Script {
  const dice = createDice(hashText(`${session} ${turn}`));
  const tag = `${session.slice(-4)}.${turn.slice(-4)}`;
  const shape = dice.whole(0, 9);
  const paceMs = [2, 20, 60, 150, 400, 900][dice.whole(0, 5)] ?? 60;
  const length = dice.whole(2, shape === 0 ? 120 : 30);
  // So long that it does not fit into one message.
  const maxWords = isPast(session) ? 60 : shape === 9 ? 120 : 3;
  const texts = new Map<string, string>();
  const steps: ScriptStep[] = [];
  const counts = new Map<string, number>();
  const open: { readonly part: string; readonly kind: "text" | "reasoning" | "tool" }[] = [];
  if (shape % 3 === 0) open.push({ part: "r1", kind: "reasoning" });
  open.push({ part: "t1", kind: "text" });
  if (shape % 4 === 1) open.push({ part: "w1", kind: "tool" });
  if (shape === 5) open.push({ part: "w2", kind: "tool" }, { part: "t2", kind: "text" });
  for (const { part, kind } of open) if (kind === "tool") steps.push({ kind: "tool-start", part });
  const askAt = shape === 7 ? dice.whole(1, length) : -1;
  for (let at = 0; at < length; at += 1) {
    if (at === askAt) steps.push({ kind: "ask", id: `a-${turn.slice(-6)}` });
    const chosen = open[dice.whole(0, open.length - 1)] ?? { part: "t1", kind: "text" as const };
    const words = dice.whole(1, maxWords);
    let delta = "";
    for (let word = 0; word < words; word += 1) {
      const count = (counts.get(chosen.part) ?? 0) + 1;
      counts.set(chosen.part, count);
      delta += `${tag}.${chosen.part}.${count} `;
    }
    texts.set(chosen.part, (texts.get(chosen.part) ?? "") + delta);
    steps.push(
      chosen.kind === "tool"
        ? { kind: "tool-output", part: chosen.part, delta }
        : { kind: chosen.kind, part: chosen.part, delta },
    );
  }
  for (const { part, kind } of open) if (kind === "tool") steps.push({ kind: "tool-end", part });
  if (shape === 8) steps.push({ kind: "fail" });
  return { steps, texts, paceMs, isDeaf: shape % 4 === 2 };
}
