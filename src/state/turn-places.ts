import type { TurnState } from "../protocol/conversation.ts";
import type { TurnId } from "../protocol/ids.ts";
import type { SessionView } from "../streaming/ports.ts";
import type { FarTurns } from "./far-turns.ts";
import { groupRows, type RowGroup } from "./row-groups.ts";
import { groupTurns, withAlternatives, type TurnRow } from "./turn-groups.ts";
import { toTurnView, type TurnView } from "./turn-view.ts";

/** Where a turn stands in the page. */
export interface TurnPlace {
  readonly group: RowGroup;
  readonly row: TurnRow;
}

/**
 * The groups of the turns that are shown, made anew only as far as something can have changed:
 *
 *   far groups               settled groups                       open groups
 *   loaded apart (FarTurns)  ended turns that no event reaches    what events are folded into, and what only this page knows
 *   made when they grow      made when `earlier` is another       made at every change; at most a few hundred turns
 */
export interface TurnPlaces {
  readonly groups: readonly RowGroup[];
  /** The turns of the open groups, in order. */
  readonly open: readonly TurnView[];
  /** Turns of settled groups that a later one goes on from. */
  readonly settledContinued: readonly TurnId[];
  /** The last far group, by its key, where turns are missing after it. */
  readonly gapAfter: string | undefined;
  placeOf(turn: string): TurnPlace | undefined;
}

interface Settled {
  readonly earlier: readonly TurnState[];
  readonly groups: readonly RowGroup[];
  readonly groupOf: ReadonlyMap<string, number>;
  /** Ended turns whose rows stand in the group that is still filled up. */
  readonly moved: readonly TurnView[];
  readonly continued: readonly TurnId[];
}

interface Far {
  readonly turns: readonly TurnState[];
  readonly groups: readonly RowGroup[];
  readonly continued: readonly TurnId[];
}

/** A settled group with the later turns that took a place in it. */
interface Overlaid {
  readonly base: RowGroup;
  readonly turns: readonly TurnView[];
  readonly group: RowGroup;
}

const NO_FAR: Far = { turns: [], groups: [], continued: [] };
const NONE: Settled = { earlier: [], groups: [], groupOf: new Map(), moved: [], continued: [] };

export class TurnPlacer {
  #settled = NONE;
  #settledViews = new WeakMap<TurnState, TurnView>();
  #open: readonly TurnView[] = [];
  #openById: ReadonlyMap<TurnId, TurnView> = new Map();
  #openRows: readonly TurnRow[] = [];
  #openGroups: readonly RowGroup[] = [];
  #overlaid: ReadonlyMap<number, Overlaid> = new Map();
  #far = NO_FAR;
  /** Settled and open ones. */
  #mainGroups: readonly RowGroup[] = [];
  #groups: readonly RowGroup[] = [];

  /** The turn as it was shown last, if it can still change. */
  known(turn: TurnId): TurnView | undefined {
    return this.#openById.get(turn);
  }

  /** Takes the session as it is now. `unfolded`: what the conversation does not hold yet, to stand at the end. */
  place(view: SessionView | undefined, unfolded: readonly TurnView[], far?: FarTurns): TurnPlaces {
    const farBefore = this.#far;
    if ((far?.turns ?? NO_FAR.turns) !== farBefore.turns)
      this.#far = this.#placeFar(far?.turns ?? NO_FAR.turns);
    const hasJoined = farBefore.groups.length > 0 && this.#far.groups.length === 0;
    const earlier = view?.earlier ?? NONE.earlier;
    let previousGroups = this.#openGroups;
    let previousRows = this.#openRows;
    if (earlier !== this.#settled.earlier || hasJoined) {
      // What was far may have become the core's own: its rows keep their groups, and what was measured of them.
      previousGroups = [...farBefore.groups, ...this.#mainGroups];
      previousRows = previousGroups.flatMap((group) => group.rows);
      this.#settled = this.#settle(earlier, previousGroups, previousRows);
      this.#overlaid = new Map();
    }
    const settled = this.#settled;
    const open = [...settled.moved];
    for (const turn of view?.conversation.turns.values() ?? []) {
      open.push(toTurnView(turn, this.#openById.get(turn.id) ?? this.#settledViews.get(turn)));
    }
    open.push(...unfolded);
    const { rest, overlaid } = this.#overlay(open);
    const rows = groupTurns(rest, previousRows);
    const openGroups = groupRows(rows, previousGroups, [...this.#far.groups, ...settled.groups]);
    const main = [...settled.groups, ...openGroups];
    for (const [at, { group }] of overlaid) main[at] = group;
    this.#mainGroups = main;
    const groups = [...this.#far.groups, ...main];
    const isSame =
      groups.length === this.#groups.length && groups.every((group, at) => group === this.#groups[at]);
    if (!isSame) this.#groups = groups;
    if (open.length !== this.#open.length || open.some((turn, at) => turn !== this.#open[at])) {
      this.#open = open;
      this.#openById = new Map(open.map((turn) => [turn.id, turn]));
    }
    this.#openRows = rows;
    this.#openGroups = openGroups;
    this.#overlaid = overlaid;
    return {
      groups: this.#groups,
      open: this.#open,
      settledContinued: [...this.#far.continued, ...settled.continued],
      gapAfter: far?.hasGap === true ? this.#far.groups.at(-1)?.key : undefined,
      placeOf: (turn) => this.#placeOf(turn),
    };
  }

  #placeFar(turns: readonly TurnState[]): Far {
    if (turns.length === 0) return NO_FAR;
    const { groups: previous } = this.#far;
    const views = turns.map((turn) => this.#settledView(turn));
    const rows = groupTurns(
      views,
      previous.flatMap((group) => group.rows),
    );
    return {
      turns,
      groups: groupRows(rows, previous, this.#mainGroups),
      continued: views.flatMap((turn) => turn.continues ?? []),
    };
  }

  #settle(
    earlier: readonly TurnState[],
    previous: readonly RowGroup[],
    previousRows: readonly TurnRow[],
  ): Settled {
    if (earlier.length === 0) return { ...NONE, earlier };
    const views = earlier.map((turn) => this.#settledView(turn));
    const groups = groupRows(groupTurns(views, previousRows), previous, this.#far.groups);
    const last = new Set(
      groups
        .at(-1)
        ?.rows.flatMap(turnsOf)
        .map((turn) => turn.id),
    );
    const full = groups.slice(0, -1);
    const groupOf = new Map<TurnId, number>();
    for (const [at, group] of full.entries()) {
      for (const row of group.rows) for (const turn of turnsOf(row)) groupOf.set(turn.id, at);
    }
    return {
      earlier,
      groups: full,
      groupOf,
      moved: views.filter((turn) => last.has(turn.id)),
      continued: views.flatMap((turn) => (groupOf.has(turn.id) ? (turn.continues ?? []) : [])),
    };
  }

  #settledView(turn: TurnState): TurnView {
    let view = this.#settledViews.get(turn);
    if (view === undefined) {
      view = toTurnView(turn, this.#openById.get(turn.id));
      this.#settledViews.set(turn, view);
    }
    return view;
  }

  /** Parts from the open turns those that take a place in a settled group. */
  #overlay(open: readonly TurnView[]): {
    readonly rest: readonly TurnView[];
    readonly overlaid: ReadonlyMap<number, Overlaid>;
  } {
    const { groups, groupOf } = this.#settled;
    const taken = new Map<TurnId, number>();
    const byGroup = new Map<number, TurnView[]>();
    const rest: TurnView[] = [];
    for (const turn of open) {
      const at =
        turn.replaces === undefined ? undefined : (groupOf.get(turn.replaces) ?? taken.get(turn.replaces));
      if (at === undefined) {
        rest.push(turn);
        continue;
      }
      taken.set(turn.id, at);
      const turns = byGroup.get(at);
      if (turns === undefined) byGroup.set(at, [turn]);
      else turns.push(turn);
    }
    const overlaid = new Map<number, Overlaid>();
    for (const [at, turns] of byGroup) {
      const base = groups[at];
      if (base === undefined) continue;
      const known = this.#overlaid.get(at);
      const isSame =
        known?.base === base &&
        known.turns.length === turns.length &&
        turns.every((turn, index) => turn === known.turns[index]);
      overlaid.set(
        at,
        isSame ? known : { base, turns, group: { key: base.key, rows: withAlternatives(base.rows, turns) } },
      );
    }
    return { rest, overlaid };
  }

  #placeOf(turn: string): TurnPlace | undefined {
    const settledAt = this.#settled.groupOf.get(turn);
    const candidates = [
      ...(settledAt === undefined ? [] : [this.#mainGroups[settledAt]]),
      ...[...this.#overlaid.values()].map((overlaid) => overlaid.group),
      ...this.#openGroups,
      ...this.#far.groups,
    ];
    for (const group of candidates) {
      const row = group?.rows.find((other) => turnsOf(other).some((known) => known.id === turn));
      if (group !== undefined && row !== undefined) return { group, row };
    }
    return undefined;
  }
}

/** Every turn of a row, alternatives included. */
export function turnsOf(row: TurnRow): readonly TurnView[] {
  return row.slots.flatMap((slot) => slot.alternatives);
}
