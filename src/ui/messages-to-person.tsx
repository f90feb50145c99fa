import type { JSX } from "preact";
import { useApp } from "./app-context.ts";
import { Icon } from "./icons.tsx";

/** Said once, quietly, until dismissed. */
export function Notices(): JSX.Element | null {
  const { state, actions } = useApp();
  const notices = state.shell.notices.value;
  if (notices.length === 0) return null;
  return (
    <ul class="notices" aria-label="Notices">
      {notices.map((notice) => (
        <li key={notice.id}>
          <span>{notice.text}</span>
          {notice.action === "reload" && (
            <button type="button" class="button small" onClick={() => actions.reload()}>
              Reload
            </button>
          )}
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss"
            onClick={() => actions.dismissNotice(notice.id)}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** What just happened, for a while: a deletion to undo, something that went wrong. */
export function Toasts(): JSX.Element {
  const { state, actions } = useApp();
  const undo = state.shell.undo.value;
  const words = state.shell.toast.value;
  return (
    <div class="toasts" aria-live="polite">
      {undo !== undefined && (
        <div class="toast">
          <span>Deleted “{undo.title}”</span>
          <button type="button" class="link-button" onClick={() => actions.undoDelete(undo.session)}>
            Undo
          </button>
        </div>
      )}
      {words !== undefined && (
        <div class="toast" data-kind="problem">
          <span>{words}</span>
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss"
            onClick={() => actions.dismissToast()}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}

/** Read aloud: that an answer is complete, never its tokens. */
export function Announcer(): JSX.Element {
  const { state } = useApp();
  const announcement = state.shell.announcement;
  return (
    <div class="visually-hidden" aria-live="polite">
      {/* A node of its own each time: the same words twice are two announcements. */}
      <p key={counter(announcement.value)}>{announcement.value.text}</p>
    </div>
  );
}

const NUMBERS = new WeakMap<object, number>();
let lastNumber = 0;

function counter(announcement: object): number {
  const known = NUMBERS.get(announcement);
  if (known !== undefined) return known;
  lastNumber += 1;
  NUMBERS.set(announcement, lastNumber);
  return lastNumber;
}
