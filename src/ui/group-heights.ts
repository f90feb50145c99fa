import type { RowGroup } from "../state/row-groups.ts";
import { turnsOf } from "../state/turn-places.ts";

/** What a row takes beside its words: margins, head, foot. Unit: px. */
const ROW_PX = 150;
const LINE_PX = 26;
/** Letters of prose are about half as wide as high. Unit: px. */
const LETTER_PX = 8;
/** The column of text is never wider. Unit: px. */
const MEASURE_PX = 720;
/** An answer of one endless line must not be taken for the height of the world. */
const MAX_ROW_PX = 200_000;

/**
 * How high groups are: as last measured, else estimated from how much they hold. An estimate stays until it is measured
 * or the width changes, so that a gap is not another one each time something was learned.
 */
export class GroupHeights {
  #measured = new Map<string, number>();
  #estimated = new Map<string, number>();
  #widthPx = MEASURE_PX;
  #measuredPx = 0;
  #guessedPx = 0;

  /** Answers by how much it is higher than it was; undefined: measured for the first time. The width first: what was measured in another one is an estimate. */
  measure(group: RowGroup, px: number, widthPx: number): number | undefined {
    this.#setWidth(widthPx);
    const known = this.#measured.get(group.key);
    if (known !== undefined && Math.abs(known - px) < 0.5) return 0;
    if (known === undefined) {
      this.#measuredPx += px;
      this.#guessedPx += this.#guess(group);
    }
    this.#measured.set(group.key, px);
    this.#estimated.delete(group.key);
    return known === undefined ? undefined : px - known;
  }

  /** Words take more lines where the column is narrower; what was measured is then an estimate. */
  #setWidth(px: number): void {
    if (px === this.#widthPx || px <= 0) return;
    const factor = Math.min(this.#widthPx, MEASURE_PX) / Math.min(px, MEASURE_PX);
    for (const [key, height] of [...this.#estimated, ...this.#measured]) {
      this.#estimated.set(key, height * factor);
    }
    this.#measured.clear();
    this.#measuredPx = 0;
    this.#guessedPx = 0;
    this.#widthPx = px;
  }

  all(groups: readonly RowGroup[]): readonly number[] {
    return groups.map((group) => this.of(group));
  }

  isMeasured({ key }: RowGroup): boolean {
    return this.#measured.has(key);
  }

  of(group: RowGroup): number {
    const known = this.#measured.get(group.key) ?? this.#estimated.get(group.key);
    if (known !== undefined) return known;
    // What was measured so far tells how far off the guess is for this conversation.
    const factor =
      this.#guessedPx === 0 ? 1 : Math.min(4, Math.max(0.25, this.#measuredPx / this.#guessedPx));
    const px = Math.round(this.#guess(group) * factor);
    this.#estimated.set(group.key, px);
    return px;
  }

  #guess(group: RowGroup): number {
    const lettersPerLine = Math.max(20, Math.min(this.#widthPx, MEASURE_PX) / LETTER_PX);
    let px = 0;
    for (const row of group.rows) {
      let chars = 0;
      for (const turn of turnsOf(row)) {
        chars += turn.text.length;
        for (const part of turn.parts) if (part.type === "text") chars += part.buffer.length;
      }
      px += Math.min(MAX_ROW_PX, ROW_PX + Math.ceil(chars / lettersPerLine) * LINE_PX);
    }
    return px;
  }
}
