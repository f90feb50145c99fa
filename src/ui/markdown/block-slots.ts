import type { Entry } from "./entry.ts";

/** Blocks in one element: layout grows with the number of siblings [10,000 blocks: 6.5 ms a frame, in containers of 64 0.46]. */
const GROUP_SIZE = 64;

/**
 * Where the blocks in a block stand: the first 64 in its element, each further 64 in a group element after those.
 * Which one a block stands in depends on its index alone.
 */
export interface BlockSlots {
  readonly kind: "blocks";
  /** Groups are put in here. */
  readonly element: Element;
  /** The element of the first 64, then the groups. */
  readonly containers: Element[];
  /** How many blocks each holds. */
  readonly sizes: number[];
  /** Makes a group; undefined: all blocks stand in one element. */
  readonly createGroup: (() => Element) | undefined;
  /** Stands between any two. */
  readonly separator: string;
  /** Stands before all blocks and is none. */
  lead: ChildNode | undefined;
  /** Stands after all blocks and is none. */
  tail: ChildNode | undefined;
}

export function createBlockSlots(
  element: Element,
  createGroup: (() => Element) | undefined,
  first = element,
  separator = "\n",
): BlockSlots {
  return {
    kind: "blocks",
    element,
    containers: [first],
    sizes: [0],
    createGroup,
    separator,
    lead: undefined,
    tail: undefined,
  };
}

export function appendBlock(slots: BlockSlots, entry: Entry): void {
  let at = slots.containers.length - 1;
  if (isFull(slots, at)) at = addGroup(slots);
  const isFirst = at === 0 && slots.sizes[0] === 0;
  if (!isFirst) entry.separator = new Text(slots.separator);
  const container = slots.containers[at] ?? slots.element;
  // With groups there is no room before the tail in the first container, nor is it asked for.
  const before = container === slots.element ? (slots.tail ?? null) : null;
  if (entry.separator !== undefined) container.insertBefore(entry.separator, before);
  container.insertBefore(entry.top, before);
  slots.sizes[at] = (slots.sizes[at] ?? 0) + 1;
}

/** @returns Whether groups are out of step now and `arrangeBlocks` is needed. */
export function insertBlockBefore(slots: BlockSlots, entry: Entry, before: Entry): boolean {
  const at = containerOf(slots, before);
  if (before.separator === undefined) {
    before.separator = new Text(slots.separator);
    before.top.before(entry.top, before.separator);
  } else {
    entry.separator = new Text(slots.separator);
    before.separator.before(entry.separator, entry.top);
  }
  const size = (slots.sizes[at] ?? 0) + 1;
  slots.sizes[at] = size;
  return slots.createGroup !== undefined && size > GROUP_SIZE;
}

/** @returns Whether groups are out of step now and `arrangeBlocks` is needed. */
export function removeBlock(slots: BlockSlots, entry: Entry): boolean {
  const at = containerOf(slots, entry);
  const isFirst = entry.separator === undefined;
  entry.separator?.remove();
  entry.top.remove();
  const size = (slots.sizes[at] ?? 0) - 1;
  slots.sizes[at] = size;
  const isLastContainer = at === slots.containers.length - 1;
  if (at > 0 && size === 0 && isLastContainer) {
    slots.containers.pop()?.remove();
    slots.sizes.pop();
  }
  return !isLastContainer || (isFirst && size > 0);
}

/** Brings all blocks where their index says, moving what stands elsewhere only. */
export function arrangeBlocks(slots: BlockSlots, entries: readonly Entry[]): void {
  const wanted = slots.createGroup === undefined ? 1 : Math.max(1, Math.ceil(entries.length / GROUP_SIZE));
  while (slots.containers.length < wanted) addGroup(slots);
  const perContainer = slots.createGroup === undefined ? entries.length : GROUP_SIZE;
  for (let at = 0; at < wanted; at += 1) {
    const own = entries.slice(at * perContainer, (at + 1) * perContainer);
    const container = slots.containers[at] ?? slots.element;
    let previous = at === 0 ? slots.lead : undefined;
    const place = (node: ChildNode): void => {
      const next: ChildNode | null = previous === undefined ? container.firstChild : previous.nextSibling;
      if (next !== node) container.insertBefore(node, next);
      previous = node;
    };
    for (const entry of own) {
      const isFirst = entry === entries[0];
      if (isFirst) entry.separator?.remove();
      entry.separator = isFirst ? undefined : (entry.separator ?? new Text(slots.separator));
      if (entry.separator !== undefined) place(entry.separator);
      place(entry.top);
    }
    slots.sizes[at] = own.length;
  }
  while (slots.containers.length > wanted) {
    slots.containers.pop()?.remove();
    slots.sizes.pop();
  }
}

function isFull(slots: BlockSlots, at: number): boolean {
  return slots.createGroup !== undefined && (slots.sizes[at] ?? 0) >= GROUP_SIZE;
}

function addGroup(slots: BlockSlots): number {
  const group = slots.createGroup?.();
  if (group === undefined) return slots.containers.length - 1;
  slots.element.insertBefore(group, slots.tail ?? null);
  slots.sizes.push(0);
  return slots.containers.push(group) - 1;
}

/** From the end: changes are mostly there. */
function containerOf(slots: BlockSlots, entry: Entry): number {
  return Math.max(
    0,
    slots.containers.findLastIndex((container) => container === entry.top.parentNode),
  );
}
