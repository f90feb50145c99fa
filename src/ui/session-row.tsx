import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { sessionPagePath } from "../protocol/routes.ts";
import type { SessionMark, SessionRow } from "../state/session-rows.ts";
import { useApp } from "./app-context.ts";
import { focusComposer } from "./composer-focus.ts";
import { Icon } from "./icons.tsx";
import { Menu } from "./menu.tsx";
import { isPlainClick } from "./plain-click.ts";
import { relativeTime } from "./relative-time.ts";

const MARK_WORDS: Readonly<Record<SessionMark, string>> = {
  running: "Running",
  queued: "Queued",
  "needs-you": "Needs you",
  unread: "Finished, unread",
  failed: "Failed",
  idle: "Idle",
};

export interface SessionRowProps {
  readonly row: SessionRow;
  readonly isCurrent: boolean;
}

export function SessionRowItem({ row, isCurrent }: SessionRowProps): JSX.Element {
  const { actions, state } = useApp();
  const [isRenaming, setRenaming] = useState(false);
  const link = useRef<HTMLAnchorElement>(null);
  const isFocusDue = useRef(false);
  useEffect(() => {
    if (isRenaming || !isFocusDue.current) return;
    isFocusDue.current = false;
    link.current?.focus();
  }, [isRenaming]);
  const markId = `mark-${row.id}`;
  // Not named by the title: a control that is would be found where the link, or "New session", is looked for.
  const linkId = `session-${row.id}`;
  const words = MARK_WORDS[row.mark];
  // What is chosen takes the row away, and its menu's button with it.
  const leave = (run: () => void): void => {
    focusComposer();
    run();
  };
  return (
    <li class="session-row" data-mark={row.mark}>
      {isRenaming ? (
        <RenameField
          title={row.title}
          onDone={(title, isByKey) => {
            isFocusDue.current = isByKey;
            setRenaming(false);
            if (title !== undefined) actions.rename(row.id, title);
          }}
        />
      ) : (
        <a
          ref={link}
          id={linkId}
          class="session-link"
          href={sessionPagePath(row.id)}
          aria-current={isCurrent ? "page" : undefined}
          aria-describedby={markId}
          onClick={(event) => {
            if (!isPlainClick(event)) return;
            event.preventDefault();
            actions.openSession(row.id);
          }}
          onDblClick={() => setRenaming(true)}
        >
          {row.title}
        </a>
      )}
      <span class="session-side">
        {row.isPinned && (
          <span class="session-pin" title="Pinned">
            <Icon name="pin" />
          </span>
        )}
        {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- drawn by CSS: there is no picture to load */}
        <span id={markId} class="mark" role="img" aria-label={words} title={words} />
        <time class="session-time" dateTime={new Date(row.updatedAt).toISOString()}>
          {relativeTime(row.updatedAt, state.shell.minuteMs.value)}
        </time>
      </span>
      <Menu
        class="icon-button session-menu"
        icon="more"
        label="Session options"
        describedBy={linkId}
        title="Options"
        items={[
          { label: "Rename", run: () => setRenaming(true) },
          { label: row.isPinned ? "Unpin" : "Pin", run: () => actions.setPinned(row.id, !row.isPinned) },
          {
            label: row.isArchived ? "Take out of the archive" : "Archive",
            run: () => leave(() => actions.setArchived(row.id, !row.isArchived)),
          },
          { label: "Delete", isDanger: true, run: () => leave(() => actions.deleteSession(row.id)) },
        ]}
      />
    </li>
  );
}

interface RenameProps {
  readonly title: string;
  /** @param isByKey He is still here; after a press elsewhere the focus is there. */
  readonly onDone: (title: string | undefined, isByKey: boolean) => void;
}

function RenameField({ title, onDone }: RenameProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const isDone = useRef(false);
  useEffect(() => input.current?.select(), []);
  const done = (value: string | undefined, isByKey: boolean): void => {
    // Enter removes the field, and removing it fires `blur`.
    if (isDone.current) return;
    isDone.current = true;
    onDone(value, isByKey);
  };
  return (
    <input
      ref={input}
      class="rename-field"
      aria-label="Title"
      maxLength={200}
      defaultValue={title}
      onBlur={(event) => done(event.currentTarget.value, false)}
      onKeyDown={(event) => {
        if (event.isComposing) return;
        if (event.key === "Enter") done(event.currentTarget.value, true);
        if (event.key === "Escape") done(undefined, true);
      }}
    />
  );
}
