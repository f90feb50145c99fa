/** Beside each other: each frame, layout looks at every sibling of what grows. */
export const GROUP_SIZE = 16;

/** Elements in a row that only its end changes, 16 of them in an outer element. */
export interface Groups {
  readonly all: readonly Element[];
  /** One more at the end. */
  add(): Element;
  /** Takes the last away. */
  drop(): void;
}

/**
 * @param isFlat They stand in `parent`, in no outer elements.
 * @param before What else is in `parent` and comes after them.
 */
export function createGroups(
  parent: Element,
  create: () => Element,
  isFlat = false,
  before?: () => ChildNode | null,
): Groups {
  const all: Element[] = [];
  return {
    all,
    add() {
      let outer = isFlat ? parent : all.at(-1)?.parentElement;
      if (!outer || (!isFlat && all.length % GROUP_SIZE === 0)) {
        outer = create();
        parent.insertBefore(outer, before?.() ?? null);
      }
      const next = create();
      outer.append(next);
      all.push(next);
      return next;
    },
    drop() {
      const last = all.pop();
      const outer = last?.parentElement;
      last?.remove();
      if (outer?.firstChild === null) outer.remove();
    },
  };
}
