import type { Block } from "./block.ts";
import type { LinkDefinition } from "./link-definition.ts";

/**
 * What labels stand for, and who asked. A definition of a partial line is dropped with it; blocks that asked for a label
 * are parsed anew when its answer has changed since they were shown.
 */
export class Definitions {
  readonly #links = new Map<string, LinkDefinition>();
  readonly #footnotes = new Map<string, Block>();
  /** Label → blocks whose look depends on whether it is defined. */
  readonly #askers = new Map<string, Set<Block>>();
  /** Labels of the partial line: of links as they are, of footnotes after a caret. */
  #uncertain: string[] = [];
  /** What labels that may have changed were when the tree was last brought up to date. */
  readonly #shown = new Map<string, LinkDefinition | Block | undefined>();
  #isUncertain = false;

  /** What is defined from here on may be taken back. */
  save(): void {
    this.#isUncertain = true;
    this.#uncertain = [];
  }

  rollback(): void {
    for (const label of this.#uncertain) {
      this.#note(label);
      if (label.startsWith("^")) this.#footnotes.delete(label);
      else this.#links.delete(label.slice(1));
    }
    this.commit();
  }

  commit(): void {
    this.#uncertain = [];
    this.#isUncertain = false;
  }

  /** The first definition of a label holds. [CommonMark 4.7] */
  defineLink(label: string, definition: LinkDefinition): void {
    if (this.#links.has(label)) return;
    this.#note(`=${label}`);
    this.#links.set(label, definition);
    if (this.#isUncertain) this.#uncertain.push(`=${label}`);
  }

  defineFootnote(label: string, block: Block): void {
    const key = `^${label}`;
    if (this.#footnotes.has(key)) return;
    this.#note(key);
    this.#footnotes.set(key, block);
    if (this.#isUncertain) this.#uncertain.push(key);
  }

  findLink(label: string): LinkDefinition | undefined {
    return this.#links.get(label);
  }

  findFootnote(label: string): Block | undefined {
    return this.#footnotes.get(`^${label}`);
  }

  /** All that are defined, in no order that matters. */
  get footnotes(): Iterable<Block> {
    return this.#footnotes.values();
  }

  /** Whether nothing that follows can change what `key` stands for. */
  isCertain(key: string): boolean {
    const isDefined = key.startsWith("^") ? this.#footnotes.has(key) : this.#links.has(key.slice(1));
    return isDefined && !this.#uncertain.includes(key);
  }

  ask(key: string, block: Block): void {
    const askers = this.#askers.get(key);
    if (askers === undefined) this.#askers.set(key, new Set([block]));
    else askers.add(block);
  }

  unask(key: string, block: Block): void {
    const askers = this.#askers.get(key);
    askers?.delete(block);
    if (askers?.size === 0) this.#askers.delete(key);
  }

  /** The blocks that asked for what has changed since the last call. */
  takeStale(): Set<Block> {
    const stale = new Set<Block>();
    for (const [key, before] of this.#shown) {
      if (isSame(before, this.#current(key))) continue;
      for (const block of this.#askers.get(key) ?? []) stale.add(block);
    }
    this.#shown.clear();
    return stale;
  }

  #note(key: string): void {
    if (!this.#shown.has(key)) this.#shown.set(key, this.#current(key));
  }

  #current(key: string): LinkDefinition | Block | undefined {
    return key.startsWith("^") ? this.#footnotes.get(key) : this.#links.get(key.slice(1));
  }
}

function isSame(
  before: LinkDefinition | Block | undefined,
  now: LinkDefinition | Block | undefined,
): boolean {
  if (before === undefined || now === undefined) return before === now;
  // A reference depends on how the footnote is called, not on what is in it.
  if ("children" in before || "children" in now) {
    return "children" in before && "children" in now && before.marker.info === now.marker.info;
  }
  return before.destination === now.destination && before.title === now.title;
}
