import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { useApp } from "./app-context.ts";
import { AgentPicker } from "./agent-picker.tsx";
import { focusComposer } from "./composer-focus.ts";
import { Icon } from "./icons.tsx";
import { Menu } from "./menu.tsx";

const SEND_TITLE =
  "Enter. While an answer runs this queues; Ctrl or ⌘ + Enter steers: it stops the answer first.";

/** What is being written. Never locked by another session, nor by this one's running answer. */
export function Composer({ place }: { readonly place: string }): JSX.Element {
  const { state, actions } = useApp();
  const field = useRef<HTMLTextAreaElement>(null);
  const text = state.draft.text.value;
  const running = state.conversation.running.value;
  const queueRunning = running.find((turn) => turn.mode !== "parallel") ?? running.at(-1);
  const isRunning = queueRunning !== undefined;
  const { complaint } = state.draft;

  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    // Measured from nothing, so that it shrinks as well; the style's max-height ends the growth. Meanwhile what holds it
    // stays as high as it is: for a moment with more room the conversation above would be moved by the browser.
    const box = element.parentElement;
    if (box !== null) box.style.minHeight = `${box.offsetHeight}px`;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
    if (box !== null) box.style.minHeight = "";
    // Not by the session: measuring is a layout, in the middle of all that a switch puts into the page.
  }, [text]);

  useEffect(() => {
    if (!isElsewhere()) focusComposer();
  }, [place]);

  function send(mode: "queue" | "steer" | "parallel"): void {
    actions.send(mode);
    field.current?.focus({ preventScroll: true });
  }

  function onKeyDown(event: KeyboardEvent): void {
    // While an input method composes, Enter chooses a word. WebKit ends composing before the key comes: 229 tells.
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    if (event.shiftKey || event.altKey) return;
    event.preventDefault();
    send((event.ctrlKey || event.metaKey) && isRunning ? "steer" : "queue");
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send("queue");
      }}
    >
      {complaint.value !== undefined && (
        <p class="complaint" role="alert">
          {complaint.value}
        </p>
      )}
      <div class="composer-box">
        <textarea
          ref={field}
          class="composer-field"
          aria-label="Message"
          rows={1}
          placeholder={isRunning ? "Write what comes next…" : "Write a message…"}
          enterkeyhint="send"
          autocomplete="off"
          value={text}
          onInput={(event) => actions.setDraft(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <div class="composer-bar">
          <AgentPicker />
          <span class="composer-gap" />
          {queueRunning !== undefined && (
            <button
              type="button"
              class="button stop"
              title="Stops the running answer; what is there is kept"
              onClick={() => {
                focusComposer();
                void actions.stop(queueRunning.id);
              }}
            >
              <Icon name="stop" />
              <span>Stop</span>
            </button>
          )}
          <span class="send-group" data-split={isRunning}>
            <button
              type="submit"
              class="button primary send"
              title={SEND_TITLE}
              disabled={text.trim() === ""}
            >
              <Icon name="up" />
              <span>Send</span>
            </button>
            {isRunning && (
              <Menu
                class="button primary send-more"
                icon="chevronDown"
                label="How to deliver it"
                items={[
                  { label: "Queue: after the running answer", hint: "Enter", run: () => send("queue") },
                  {
                    label: "Steer: stop the answer, go on with this",
                    hint: "Ctrl ⏎",
                    run: () => send("steer"),
                  },
                  { label: "Ask beside: answer at the same time", run: () => send("parallel") },
                ]}
              />
            )}
          </span>
        </div>
      </div>
    </form>
  );
}

/** Someone is typing or choosing somewhere else: focus is his. */
function isElsewhere(): boolean {
  const active = document.activeElement;
  return active instanceof HTMLElement && active.closest("dialog, .menu, .rename-field, .search") !== null;
}
