import { trimEnd } from "./character-class.ts";
import { Trail } from "./trail.ts";

/** A place to come back to. */
export interface Mark {
  readonly trail: number;
  readonly offset: number;
}

/** What a text may still become when this comes. */
export interface Missing {
  readonly missing: string;
}

/** An opener that was taken as text, as its closer wasn't there. It is asked again when that may have come. */
export interface Watch {
  readonly mark: Mark;
  readonly offset: number;
  /** Openers that wait for the same needn't look for it; "": this one alone. */
  readonly closer: string;
  /** Characters one of which ends the closer, or what must come before it. */
  trigger: string;
}

/** What waits for no longer is read again with every piece, that little is watched. Unit: UTF-16 code units. */
const NEAR_CHARS = 256;

/**
 * A growing text that is read in steps. All that a step changes is on the trail. With each piece reading goes back to
 * where all steps before were certain, or to an opener whose closer has come, and on from there.
 */
export class ResumableText {
  text = "";
  offset = 0;
  /** All before stays as it is. */
  certain: Mark = { trail: 0, offset: 0 };
  /** This much of the text stays. */
  limit = 0;
  readonly trail = new Trail();
  watches: readonly Watch[] = [];
  /** Where the current step began, and how much of the text it has looked at. */
  #step: Mark = this.certain;
  #seen = 0;

  /** Goes on with a text that begins as the last one did, as far as that was certain. @returns What was added to that. */
  resume(source: string, certainChars: number): string {
    this.text = trimEnd(source);
    this.rewind(this.certain);
    const added = this.text.slice(this.limit);
    // Spaces at the end of what is certain may be the end of all.
    const { length } = this.text;
    this.limit = certainChars >= length ? length : trimEnd(source.slice(0, certainChars)).length;
    return added;
  }

  /** @returns Whether nothing that follows can change what the step did. */
  take(step: () => void): boolean {
    this.#step = this.here();
    this.#seen = 0;
    step();
    this.look(this.offset);
    return this.#seen <= this.limit;
  }

  here(): Mark {
    return { trail: this.trail.length, offset: this.offset };
  }

  rewind(mark: Mark): void {
    this.trail.undoTo(mark.trail);
    this.offset = mark.offset;
    if (mark.offset <= this.certain.offset) this.certain = mark;
  }

  /** What is before the certain place is gone. */
  drop(): void {
    const { offset } = this.certain;
    this.text = this.text.slice(offset);
    this.limit -= offset;
    this.offset = 0;
    this.certain = { trail: 0, offset: 0 };
  }

  get seen(): number {
    return this.#seen;
  }

  /** The step depends on the text up to there; by default on all that may follow. */
  look(end = Number.POSITIVE_INFINITY): void {
    this.#seen = Math.max(this.#seen, end);
  }

  /** The step has looked ahead, and not to the end. */
  lookAhead(): void {
    if (this.limit < this.text.length) this.look();
  }

  readonly isMissing = (closer: string): boolean =>
    closer !== "" && this.watches.some((watch) => watch.closer === closer);

  /** The closer isn't there: the opener is text until it comes. */
  wait(offset: number, closer: string, trigger: string): void {
    if (this.isMissing(closer)) return;
    if (this.limit - offset < NEAR_CHARS) return this.look();
    this.trail.set(this, "watches", [...this.watches, { mark: this.#step, offset, closer, trigger }]);
  }

  /**
   * Goes back to the first opener that is another thing with what was added. @param isEnded If not, the characters one of
   * which ends it; undefined: it can't end any more.
   */
  recheck(added: string, isEnded: (watch: Watch) => true | string | undefined): void {
    const { watches } = this;
    const waiting: Watch[] = [];
    for (const watch of watches) {
      const mayEnd = watch.trigger.split("").some((character) => added.includes(character));
      const found = mayEnd ? isEnded(watch) : watch.trigger;
      if (found === true) return this.rewind(watch.mark);
      if (found === undefined) continue;
      // Never taken back: one question too many does no harm.
      if (!watch.trigger.includes(found)) watch.trigger += found;
      waiting.push(watch);
    }
    if (waiting.length < watches.length) this.trail.set(this, "watches", waiting);
  }
}

export function isMissing(found: object | number): found is Missing {
  return typeof found === "object" && "missing" in found;
}
