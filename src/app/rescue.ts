import type { SessionId } from "../protocol/ids.ts";
import type { AppContext } from "./app-context.ts";
import type { Pages } from "./pages.ts";
import type { Toast } from "./toast.ts";

/** Words whose session is gone are kept where a new one is begun. */
export interface Rescue {
  keep(text: string): void;
  /** Takes out of the outbox what waited for the session, or was refused there; nobody could reach it any more. */
  takeWaiting(sid: SessionId): Promise<void>;
}

export function createRescue(context: AppContext, pages: Pages, toast: Toast): Rescue {
  const { engine, environment, state } = context;
  const { drafts, ports } = environment;

  function keep(text: string): void {
    const known = drafts.peek("new");
    // Another tab may have kept it already.
    if (known.includes(text)) return;
    const joined = known.trim() === "" ? text : `${known}\n\n${text}`;
    drafts.write("new", joined);
    drafts.flush();
    if (pages.draftKey() === "new") state.draft.setText(joined);
  }

  return {
    keep,
    async takeWaiting(sid) {
      const waiting = engine.outbox.entries().filter((entry) => entry.session === sid);
      for (const entry of waiting) {
        const text = entry.kind === "send" || entry.kind === "refused" ? entry.body.text : "";
        if (text.trim() !== "") {
          // Kept before it is taken: a page that dies in between must not take the words along.
          keep(text);
          toast.say("The session is gone. What was not sent is under New session.");
        }
        try {
          // oxlint-disable-next-line no-await-in-loop -- in the order in which they were written
          await engine.outbox.discard(entry.id);
        } catch (error) {
          ports.reporter.warn("A message whose session is gone could not be taken back.", error);
        }
      }
    },
  };
}
