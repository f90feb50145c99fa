/** Beside each other: each frame, layout looks at every sibling of what grows. */
export const GROUP_SIZE = 16;

/** Elements in a row that only its end changes, 16 of them in an outer element. */
export interface Groups {
  /** The one of that index, made with all before it. */
  at(index: number): Element;
  /** Takes away all but the first `count`. */
  trim(count: number): void;
}

/** @param before What in `parent` outer elements stand before, null: nothing. Undefined: there are none, all stand in `parent`. */
export function createGroups(
  parent: Element,
  create: () => Element,
  before?: () => ChildNode | null,
): Groups {
  const all: Element[] = [];
  let outer: Element | null | undefined = parent;
  return {
    at(index) {
      while (all.length <= index) {
        if (before)
          outer =
            all.length % GROUP_SIZE > 0 ? all.at(-1)?.parentElement : parent.insertBefore(create(), before());
        const next = create();
        outer?.append(next);
        all.push(next);
      }
      return all[index] ?? parent;
    },
    trim(count) {
      for (const element of all.splice(Math.max(0, count))) {
        const { parentElement } = element;
        element.remove();
        if (parentElement?.firstChild === null) parentElement.remove();
      }
    },
  };
}
