import type { Block } from "./block.ts";
import type { LinkDefinition } from "./link-definition.ts";

/**
 * What labels stand for, and who asked. A definition of a partial line is dropped with it; blocks that asked for a label
 * are parsed anew when its answer has changed since they were shown.
 *
 * A key is a label with what it is a label of: `=` for links, `^` for footnotes.
 */
export class Definitions {
  readonly #links = new Map<string, LinkDefinition>();
  readonly #footnotes = new Map<string, Block>();
  /** Key → blocks whose look depends on whether it is defined. */
  readonly #askers = new Map<string, Set<Block>>();
  /** Keys of the partial line; undefined: what is defined now stays. */
  #uncertain: string[] | undefined = undefined;
  /** What keys that may have changed meant when the tree was last brought up to date. */
  readonly #shown = new Map<string, string | undefined>();

  /** What is defined from here on may be taken back. */
  save(): void {
    this.#uncertain = [];
  }

  rollback(): void {
    for (const key of this.#uncertain ?? []) {
      this.#note(key);
      this.#links.delete(key);
      this.#footnotes.delete(key);
    }
    this.commit();
  }

  commit(): void {
    this.#uncertain = undefined;
  }

  /** The first definition of a label holds. [CommonMark 4.7] */
  defineLink(label: string, definition: LinkDefinition): void {
    this.#define(`=${label}`, this.#links, definition);
  }

  defineFootnote(label: string, block: Block): void {
    this.#define(`^${label}`, this.#footnotes, block);
  }

  #define<Meaning>(key: string, meanings: Map<string, Meaning>, meaning: Meaning): void {
    if (meanings.has(key)) return;
    this.#note(key);
    meanings.set(key, meaning);
    this.#uncertain?.push(key);
  }

  findLink(label: string): LinkDefinition | undefined {
    return this.#links.get(`=${label}`);
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
    const isDefined = this.#links.has(key) || this.#footnotes.has(key);
    return isDefined && this.#uncertain?.includes(key) !== true;
  }

  ask(key: string, block: Block): void {
    const askers = this.#askers.get(key) ?? new Set();
    this.#askers.set(key, askers.add(block));
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
      if (before === this.#meaning(key)) continue;
      for (const block of this.#askers.get(key) ?? []) stale.add(block);
    }
    this.#shown.clear();
    return stale;
  }

  #note(key: string): void {
    if (!this.#shown.has(key)) this.#shown.set(key, this.#meaning(key));
  }

  /** A reference depends on how its footnote is called, not on what is in it. */
  #meaning(key: string): string | undefined {
    const link = this.#links.get(key);
    return link === undefined
      ? this.#footnotes.get(key)?.look.label
      : JSON.stringify([link.destination, link.title]);
  }
}
