import { useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { SessionId } from "../protocol/ids.ts";
import { useApp } from "./app-context.ts";
import { Icon } from "./icons.tsx";
import { createStickyScroll, type ReadingPosition, type StickyScroll } from "./sticky-scroll.ts";
import { TurnRowView } from "./turn-row.tsx";

/** Where each session was left, for as long as the page lives. */
const POSITIONS = new Map<SessionId, ReadingPosition>();

/** The messages of the session that is shown. */
export function Conversation({ session }: { readonly session: SessionId }): JSX.Element {
  const { state, actions } = useApp();
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const sticky = useRef<StickyScroll | undefined>(undefined);
  const [isPinned, setPinned] = useState(true);
  const [hasUnseen, setUnseen] = useState(false);
  const rows = state.conversation.rows.value;
  const shown = state.conversation.session.value;

  useLayoutEffect(() => {
    if (scroller.current === null || content.current === null) return undefined;
    const scroll = createStickyScroll(scroller.current, content.current, {
      onPinnedChange(pinned) {
        setPinned(pinned);
        if (pinned) setUnseen(false);
      },
      onUnseen: () => setUnseen(true),
    });
    sticky.current = scroll;
    return () => scroll.dispose();
  }, []);

  // The turns of another session have been put in by the same commit.
  useLayoutEffect(() => {
    const scroll = sticky.current;
    setUnseen(false);
    scroll?.restore(POSITIONS.get(session));
    const element = scroller.current;
    const remember = (): void => {
      if (scroll !== undefined) POSITIONS.set(session, scroll.position());
    };
    element?.addEventListener("scroll", remember, { passive: true });
    return () => element?.removeEventListener("scroll", remember);
  }, [session]);

  // What he sends comes in at the end: he wants to see it, wherever he was reading.
  const sendsSeen = useRef(state.conversation.sends.peek());
  useSignalEffect(() => {
    const sends = state.conversation.sends.value;
    if (sends === sendsSeen.current) return;
    sendsSeen.current = sends;
    sticky.current?.jumpToEnd();
  });

  return (
    <div class="conversation">
      {/* Focusable, so that a keyboard can scroll it. */}
      <div
        ref={scroller}
        class="conversation-scroll"
        role="log"
        aria-label="Conversation"
        aria-live="off"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scroller without a focusable child can't be scrolled by keyboard
        tabIndex={0}
      >
        <div ref={content} class="conversation-content">
          {state.conversation.hasMore.value && (
            <button
              type="button"
              class="button load-earlier"
              disabled={state.conversation.isLoadingEarlier.value}
              onClick={() => {
                sticky.current?.holdFromEnd();
                void actions.loadEarlier();
              }}
            >
              {state.conversation.isLoadingEarlier.value ? "Loading…" : "Load earlier"}
            </button>
          )}
          {shown === session && rows.map((row) => <TurnRowView key={row.key} row={row} session={session} />)}
          {rows.length === 0 && <EmptyConversation />}
        </div>
      </div>
      {!isPinned && (
        <button
          type="button"
          class="jump"
          data-unseen={hasUnseen}
          onClick={() => {
            sticky.current?.jumpToEnd();
            scroller.current?.focus({ preventScroll: true });
          }}
        >
          <Icon name="down" />
          Jump to latest
        </button>
      )}
    </div>
  );
}

function EmptyConversation(): JSX.Element {
  const { state } = useApp();
  const { source, failure } = state.conversation;
  if (failure.value !== undefined) {
    return (
      <div class="empty">
        <p>{failure.value}</p>
      </div>
    );
  }
  return (
    <div class="empty" data-loading={source.value === "loading"}>
      <p>{source.value === "loading" ? "Loading…" : "Nothing here yet. Write the first message below."}</p>
    </div>
  );
}
