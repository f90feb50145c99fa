import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icons.tsx";

export interface MenuItem {
  readonly label: string;
  readonly hint?: string;
  readonly isChecked?: boolean;
  readonly isDanger?: boolean;
  readonly run: () => void;
}

interface MenuProps {
  readonly label: string;
  readonly icon: IconName;
  readonly items: readonly MenuItem[];
  readonly class?: string;
  readonly title?: string;
  /** Id of the element that says what it is about, where several menus have one name. */
  readonly describedBy?: string;
  readonly children?: ComponentChildren;
}

/** Room kept between a menu and the edge of the window. Unit: px. */
const EDGE_PX = 8;

/** A button that opens a menu in the top layer: nothing clips it, Escape and a tap beside close it. */
export function Menu(props: MenuProps): JSX.Element {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);

  const items = (): HTMLElement[] => [
    ...(list.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? []),
  ];

  function place(): void {
    if (button.current === null || list.current === null) return;
    const from = button.current.getBoundingClientRect();
    const { offsetWidth, offsetHeight, style } = list.current;
    const left = Math.min(Math.max(EDGE_PX, from.right - offsetWidth), innerWidth - offsetWidth - EDGE_PX);
    const isRoomBelow = from.bottom + offsetHeight + EDGE_PX <= innerHeight;
    const top = isRoomBelow ? from.bottom + 4 : Math.max(EDGE_PX, from.top - offsetHeight - 4);
    style.left = `${left}px`;
    style.top = `${top}px`;
  }

  useLayoutEffect(() => {
    if (!isOpen) return;
    place();
    items()[0]?.focus();
  }, [isOpen]);

  // Items exist while the menu is open: a list of sessions has one menu each.
  function onToggle(event: Event): void {
    const { currentTarget } = event;
    setOpen(currentTarget instanceof HTMLElement && currentTarget.matches(":popover-open"));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const all = items();
    const at = all.findIndex((item) => item === document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Tab") list.current?.hidePopover();
    if (next === undefined) return;
    event.preventDefault();
    all[(next + all.length) % all.length]?.focus();
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        class={props.class ?? "icon-button"}
        aria-label={props.label}
        aria-describedby={props.describedBy}
        title={props.title ?? props.label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        popovertarget={id}
      >
        {props.children ?? <Icon name={props.icon} />}
      </button>
      <div
        ref={list}
        id={id}
        class="menu"
        popover="auto"
        role="menu"
        tabIndex={-1}
        aria-label={props.label}
        onToggle={onToggle}
        onKeyDown={onKeyDown}
      >
        {isOpen &&
          props.items.map((item) => (
            <button
              key={item.label}
              type="button"
              role={item.isChecked === undefined ? "menuitem" : "menuitemradio"}
              aria-checked={item.isChecked}
              tabIndex={-1}
              class={item.isDanger === true ? "menu-item danger" : "menu-item"}
              onClick={() => {
                list.current?.hidePopover();
                item.run();
              }}
            >
              <span>{item.label}</span>
              {item.hint !== undefined && <kbd>{item.hint}</kbd>}
              {item.isChecked === true && <Icon name="check" />}
            </button>
          ))}
      </div>
    </>
  );
}
