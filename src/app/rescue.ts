import type { SessionId } from "../protocol/ids.ts";
import type { OutboxEntry } from "../streaming/ports.ts";
import type { AppContext } from "./app-context.ts";
import type { Pages } from "./pages.ts";
import type { Toast } from "./toast.ts";

/** Words whose session is gone are brought to where a new one is begun. */
export interface Rescue {
  /** Joins a draft with what is kept there. Resolves when it is kept, or was tried. */
  keep(text: string): Promise<void>;
  /** A message was refused, since its session is gone, and its page is not in sight. */
  refused(sid: SessionId): void;
  /**
   * Brings what was refused so into the composer of a new session, if that is in sight. Until then the outbox is the
   * safest place there is: an entry for each, in two places, that no other text is written over.
   */
  bring(): void;
}

export function createRescue(
  context: AppContext,
  pages: Pages,
  toast: Toast,
  isDeletedHere: (sid: SessionId) => boolean,
): Rescue {
  const { engine, environment, state } = context;
  const { drafts, ports } = environment;
  let isBringing = false;
  let isAskedAgain = false;

  const isInSight = (): boolean => pages.draftKey() === "new" && !ports.page.isHidden();

  function orphans(): readonly Extract<OutboxEntry, { kind: "refused" }>[] {
    return engine.outbox
      .entries()
      .filter((entry) => entry.kind === "refused")
      .filter((entry) => entry.isGone === true && !isDeletedHere(entry.session));
  }

  function write(text: string): void {
    pages.wrote("new");
    pages.leaving.delete("new");
    drafts.write("new", text);
    drafts.flush();
  }

  async function bringAll(): Promise<void> {
    await engine.outbox.refresh();
    if (orphans().length === 0) return;
    // What only the disk has of a draft is joined with, not written over.
    await pages.draftRead();
    for (const entry of orphans()) {
      if (!isInSight()) return;
      const { text } = entry.body;
      const shown = state.draft.text.peek();
      const joined = join(shown, text);
      if (joined !== shown) {
        // Kept before it leaves the outbox: a page that dies in between must not take the words along.
        write(joined);
        state.draft.setText(joined);
        toast.say("What could not be sent, as its session is gone, is here.");
      }
      // oxlint-disable-next-line no-await-in-loop -- in the order in which they were written
      await engine.outbox.discard(entry.id);
    }
  }

  async function bring(): Promise<void> {
    isAskedAgain = true;
    if (isBringing) return;
    isBringing = true;
    try {
      while (isAskedAgain && isInSight()) {
        isAskedAgain = false;
        // oxlint-disable-next-line no-await-in-loop -- one after the other: each looks at what the one before left
        await bringAll();
      }
    } catch (error) {
      ports.reporter.warn("A message whose session is gone could not be taken back.", error);
    } finally {
      isBringing = false;
    }
  }

  return {
    async keep(text) {
      try {
        const joined = join(await drafts.load("new"), text);
        write(joined);
        if (pages.draftKey() === "new") state.draft.setText(joined);
      } catch (error) {
        ports.reporter.warn("What was being written in a session that is gone could not be kept.", error);
      }
    },
    refused(sid) {
      const isWord = (entry: OutboxEntry): boolean =>
        entry.session === sid && entry.kind === "refused" && entry.body.text.trim() !== "";
      if (engine.outbox.entries().some(isWord))
        toast.say("The session is gone. What was not sent is under New session.");
      void bring();
    },
    bring: () => void bring(),
  };
}

/** Another tab may have kept it already. */
function join(written: string, text: string): string {
  if (text.trim() === "" || `\n\n${written}\n\n`.includes(`\n\n${text}\n\n`)) return written;
  return written.trim() === "" ? text : `${written}\n\n${text}`;
}
