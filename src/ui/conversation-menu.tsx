import type { JSX } from "preact";
import { useApp } from "./app-context.ts";
import { Icon } from "./icons.tsx";
import { Menu } from "./menu.tsx";

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);
const FIND_KEYS = IS_MAC ? "⌘ F" : "Ctrl F";
const ALT = IS_MAC ? "⌥" : "Alt";

/** Ways about in a long conversation; the place where their keys are told. */
export function ConversationMenu(): JSX.Element {
  const { actions } = useApp();
  return (
    <>
      <button
        type="button"
        class="icon-button"
        aria-label="Find in conversation"
        title={`Find in conversation (${FIND_KEYS}; once more for the browser's own)`}
        onClick={() => actions.openSearch()}
      >
        <Icon name="search" />
      </button>
      <Menu
        label="Conversation"
        icon="more"
        title="Ways about in this conversation"
        items={[
          { label: "Find…", hint: FIND_KEYS, run: () => actions.openSearch() },
          {
            label: "Previous question",
            hint: `${ALT} ↑`,
            run: () => actions.moveReader("previous-question"),
          },
          { label: "Next question", hint: `${ALT} ↓`, run: () => actions.moveReader("next-question") },
          { label: "First message", hint: `${ALT} ⇧ ↑`, run: () => void actions.jumpToStart() },
          { label: "Latest message", hint: `${ALT} ⇧ ↓`, run: () => actions.moveReader("end") },
        ]}
      />
    </>
  );
}
