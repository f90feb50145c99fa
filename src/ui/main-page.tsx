import type { JSX } from "preact";
import type { SessionId } from "../protocol/ids.ts";
import { useApp } from "./app-context.ts";
import { Composer } from "./composer.tsx";
import { Conversation } from "./conversation.tsx";
import { DemoHint } from "./demo-hint.tsx";
import { Notices } from "./messages-to-person.tsx";
import { PageHeader } from "./page-header.tsx";
import { useConversationKeys } from "./use-conversation-keys.ts";
import { searchBar } from "./late-components.tsx";

/** What the route shows: a session, the start of one, or that there is none. */
export function MainPage(): JSX.Element {
  const { state } = useApp();
  const route = state.shell.route.value;
  switch (route.kind) {
    case "new":
      return (
        <main class="page" data-page="new">
          <PageHeader title="New session" />
          <Notices />
          <div class="start">
            <h2>What shall we begin?</h2>
            <p>Answers go on when you leave. Close the lid, lose the wifi, come back: every word is here.</p>
            <DemoHint />
          </div>
          <Composer place="new" />
        </main>
      );
    case "session":
      return <SessionPage session={route.session} />;
    case "unknown":
      return <NotFound words="There is nothing at this address." />;
  }
}

function SessionPage({ session }: { readonly session: SessionId }): JSX.Element {
  const { state } = useApp();
  const row = state.list.rows.value.find((candidate) => candidate.id === session);
  const closed = state.connection.closedReason.value;
  const isEmpty = state.conversation.isEmpty.value;
  useConversationKeys();
  if (closed === "not-found" && isEmpty) return <NotFound words="There is no session at this address." />;
  if (closed === "deleted" && isEmpty) return <NotFound words="This session was deleted." />;
  return (
    <main class="page" data-page="session">
      <PageHeader title={row?.title ?? "Session"} isConversation />
      <Notices />
      {state.search.isOpen.value && <searchBar.Component key={session} />}
      <Conversation session={session} />
      {closed === "not-found" && (
        <p class="complaint lost" role="alert">
          The server does not know this session, perhaps since an older backup was restored. What this browser
          kept of it is shown; nothing can be sent to it.
        </p>
      )}
      <Composer place={session} />
    </main>
  );
}

function NotFound({ words }: { readonly words: string }): JSX.Element {
  const { actions } = useApp();
  return (
    <main class="page" data-page="not-found">
      <PageHeader title="Not found" />
      <Notices />
      <div class="start">
        <h2>{words}</h2>
        <p>It may have been deleted, or the address is not complete.</p>
        <button type="button" class="button primary" onClick={() => actions.openNewSession()}>
          Start a session
        </button>
      </div>
    </main>
  );
}
