import type { LogEvent } from "../protocol/events.ts";
import type { PartId, TurnId } from "../protocol/ids.ts";
import type { OpenTurn } from "./session-head.ts";

/**
 * `events`, which follow `open`, with an end for every tool that its turn leaves running: before `turn-ended` comes
 * a `tool-ended` as `failed`. Whoever ends the turn (the agent, a stop, the next start), a reader sees no tool run on. Pure.
 */
export function withEndedTools(
  open: ReadonlyMap<TurnId, OpenTurn>,
  events: readonly LogEvent[],
): readonly LogEvent[] {
  if (!events.some((event) => event.type === "turn-ended")) return events;
  const running = new Map<TurnId, Set<PartId>>();
  for (const [turn, { tools }] of open) if (tools.length > 0) running.set(turn, new Set(tools));
  const ended: LogEvent[] = [];
  for (const event of events) {
    if (event.type === "tool-started") {
      const tools = running.get(event.turn) ?? new Set();
      running.set(event.turn, tools.add(event.part));
    } else if (event.type === "tool-ended") {
      running.get(event.turn)?.delete(event.part);
    } else if (event.type === "turn-ended") {
      const { at, turn } = event;
      for (const part of running.get(turn) ?? [])
        ended.push({ type: "tool-ended", at, turn, part, status: "failed" });
      running.delete(turn);
    }
    ended.push(event);
  }
  return ended;
}
