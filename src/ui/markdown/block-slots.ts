import type { Entry, Slots } from "./entry.ts";

/** Blocks in one element: layout grows with the number of siblings [10,000 blocks: 6.5 ms a frame, in containers of 64 0.46]. */
const GROUP_SIZE = 64;

/**
 * Where the blocks in a block stand: the first 64 in its element, each further 64 in a group element after those.
 * Which one a block stands in depends on its index alone.
 */
export interface BlockSlots extends Slots {
  /** Stands before all blocks and is none. */
  lead: ChildNode | undefined;
}

export interface BlockSlotsOptions {
  /** Makes a group; undefined: all blocks stand in one element. */
  readonly createGroup?: () => Element;
  /** Where the first blocks stand. Default: the element itself. */
  readonly first?: Element;
  /** How many those are. Default: 64. */
  readonly firstSize?: number;
  /** Stands between any two. Default: a line end. */
  readonly separator?: string;
}

/** @param element Groups are put in here. */
export function createBlockSlots(element: Element, options: BlockSlotsOptions = {}): BlockSlots {
  const { createGroup, first = element, firstSize = GROUP_SIZE, separator = "\n" } = options;
  const containers = [first];
  let count = 0;
  /** Footnotes stand after all blocks, whatever comes, and are none. */
  let tail: Entry | undefined;

  function containerOf(index: number): Element {
    if (createGroup === undefined || index < firstSize) return first;
    const at = 1 + Math.floor((index - firstSize) / GROUP_SIZE);
    let container = containers[at];
    while (container === undefined) {
      const group = createGroup();
      element.insertBefore(group, tail?.tops[0] ?? null);
      containers.push(group);
      container = containers[at];
    }
    return container;
  }

  function dropEmptyGroups(): void {
    const needed = 1 + Math.max(0, Math.ceil((count - firstSize) / GROUP_SIZE));
    while (containers.length > needed) containers.pop()?.remove();
  }

  const slots: BlockSlots = {
    holdsBlocks: true,
    lead: undefined,
    append(entry) {
      if (entry.node.type === "footnotes") {
        tail = entry;
        element.append(...entry.tops);
        return;
      }
      if (count > 0) entry.separator = new Text(separator);
      const container = containerOf(count);
      count += 1;
      // Where there are groups nothing is appended before the tail, nor is it in one.
      const before = container === element ? (tail?.tops[0] ?? null) : null;
      for (const node of nodesOf(entry)) container.insertBefore(node, before);
    },
    insert(entry, before) {
      if (before === tail) {
        slots.append(entry);
        return false;
      }
      entry.separator = before.separator;
      before.separator = new Text(separator);
      before.tops[0]?.before(...entry.tops, before.separator);
      count += 1;
      return createGroup !== undefined && count > firstSize;
    },
    remove(entry) {
      const isInLast = entry.tops[0]?.parentNode === containers.at(-1);
      for (const node of nodesOf(entry)) node.remove();
      if (entry === tail) {
        tail = undefined;
        return false;
      }
      count -= 1;
      dropEmptyGroups();
      return !isInLast || (entry.separator === undefined && count > 0);
    },
    arrange(entries) {
      let container = first;
      let previous = slots.lead;
      count = 0;
      for (const entry of entries) {
        if (entry === tail) continue;
        const own = containerOf(count);
        if (own !== container) previous = undefined;
        container = own;
        if (count === 0) {
          entry.separator?.remove();
          entry.separator = undefined;
        } else entry.separator ??= new Text(separator);
        for (const node of nodesOf(entry)) {
          const next: ChildNode | null = previous === undefined ? container.firstChild : previous.nextSibling;
          if (next !== node) container.insertBefore(node, next);
          previous = node;
        }
        count += 1;
      }
      dropEmptyGroups();
    },
  };
  return slots;
}

/** With what stands before it. */
function nodesOf({ separator, tops }: Entry): readonly ChildNode[] {
  return separator === undefined ? tops : [separator, ...tops];
}
