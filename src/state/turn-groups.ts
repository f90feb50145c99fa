import type { TurnId } from "../protocol/ids.ts";
import type { TurnView } from "./turn-view.ts";

/** One place in the conversation: the turn that stands there, and the ones it replaced. */
export interface TurnSlot {
  /** The id of the first turn that stood here: stable over retries. */
  readonly key: TurnId;
  /** Oldest first; the last is the one that counts. Never empty. */
  readonly alternatives: readonly TurnView[];
}

/** Turns that ran side by side, in order; nearly always one. */
export interface TurnRow {
  readonly key: TurnId;
  readonly slots: readonly TurnSlot[];
}

/** Puts turns into the rows of the page: a turn that `replaces` stands in the place of that one, a `parallel` one beside. */
export function groupTurns(
  turns: readonly TurnView[],
  previous: readonly TurnRow[] = [],
): readonly TurnRow[] {
  const slotOf = new Map<TurnId, { key: TurnId; alternatives: TurnView[] }>();
  const slots: { key: TurnId; alternatives: TurnView[] }[] = [];
  for (const turn of turns) {
    const replaced = turn.replaces === undefined ? undefined : slotOf.get(turn.replaces);
    if (replaced !== undefined) {
      replaced.alternatives.push(turn);
      slotOf.set(turn.id, replaced);
      continue;
    }
    const slot = { key: turn.id, alternatives: [turn] };
    slotOf.set(turn.id, slot);
    slots.push(slot);
  }
  const rows: { key: TurnId; slots: TurnSlot[] }[] = [];
  for (const slot of slots) {
    const row = rows.at(-1);
    const beside = row?.slots.at(-1)?.alternatives[0];
    const first = slot.alternatives[0];
    if (row !== undefined && beside !== undefined && first !== undefined && ranBeside(first, beside)) {
      row.slots.push(slot);
    } else {
      rows.push({ key: slot.key, slots: [slot] });
    }
  }
  const known = new Map(previous.map((row) => [row.key, row]));
  return rows.map((row) => reuseRow(row, known.get(row.key)));
}

/** The rows with later turns added to the places that they replace; rows without any stay the same objects. */
export function withAlternatives(rows: readonly TurnRow[], turns: readonly TurnView[]): readonly TurnRow[] {
  let result = rows;
  for (const turn of turns) {
    const holds = (slot: TurnSlot): boolean => slot.alternatives.some((other) => other.id === turn.replaces);
    result = result.map((row) =>
      row.slots.some(holds)
        ? {
            key: row.key,
            slots: row.slots.map((slot) =>
              holds(slot) ? { key: slot.key, alternatives: [...slot.alternatives, turn] } : slot,
            ),
          }
        : row,
    );
  }
  return result;
}

/** A parallel turn whose neighbour had ended before it was sent is an ordinary one. */
function ranBeside(turn: TurnView, neighbour: TurnView): boolean {
  if (turn.mode !== "parallel") return false;
  return neighbour.endedAt === undefined || neighbour.endedAt > turn.queuedAt;
}

function reuseRow(row: TurnRow, known: TurnRow | undefined): TurnRow {
  if (known === undefined || known.slots.length !== row.slots.length) return row;
  const isSame = row.slots.every((slot, index) => {
    const other = known.slots[index];
    return (
      other !== undefined &&
      other.key === slot.key &&
      other.alternatives.length === slot.alternatives.length &&
      slot.alternatives.every((turn, at) => turn === other.alternatives[at])
    );
  });
  return isSame ? known : row;
}
