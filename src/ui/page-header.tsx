import type { JSX } from "preact";
import { useApp } from "./app-context.ts";
import { ConversationMenu } from "./conversation-menu.tsx";
import { ConnectionChipView } from "./connection-chip-view.tsx";
import { Icon } from "./icons.tsx";

interface PageHeaderProps {
  readonly title: string;
  /** Whether there is a conversation below that can be searched and moved about in. */
  readonly isConversation?: boolean;
}

export function PageHeader({ title, isConversation = false }: PageHeaderProps): JSX.Element {
  const { state, actions } = useApp();
  const isStreamsOpen = state.shell.isStreamsOpen.value;
  return (
    <header class="page-header">
      <button
        type="button"
        class="icon-button drawer-button"
        aria-label="Open menu"
        aria-expanded={state.shell.isDrawerOpen.value}
        onClick={() => actions.setDrawerOpen(true)}
      >
        <Icon name="menu" />
      </button>
      <h1 class="page-title">{title}</h1>
      <ConnectionChipView />
      {isConversation && <ConversationMenu />}
      <button
        type="button"
        class="icon-button streams-button"
        aria-label="Streams"
        title="Streams: what this tab holds open, and why"
        aria-pressed={isStreamsOpen}
        onClick={() => actions.setStreamsOpen(!isStreamsOpen)}
      >
        <Icon name="pulse" />
      </button>
    </header>
  );
}
