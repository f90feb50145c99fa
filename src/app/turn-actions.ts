import { TurnIdSchema, SessionIdSchema, type AgentId, type SessionId, type TurnId } from "../protocol/ids.ts";
import { MAX_TEXT_CHARS } from "../protocol/limits.ts";
import { parse } from "../protocol/parse.ts";
import type { SendTurn } from "../protocol/requests.ts";
import type { TurnView } from "../state/turn-view.ts";
import type { Actions } from "./actions.ts";
import type { AppContext } from "./app-context.ts";
import { failureWords } from "./failure-words.ts";
import type { WaitMeasures } from "./measure-waits.ts";
import type { Pages, ReturningDraft } from "./pages.ts";
import { agentForNewSession, newSessionSummary, type SessionDirectory } from "./session-directory.ts";
import { titleFromText, UNTITLED } from "../protocol/session-title.ts";
import type { SignIn } from "./sign-in.ts";
import type { Toast } from "./toast.ts";

type TurnActions = Pick<
  Actions,
  | "setDraft"
  | "send"
  | "stop"
  | "retry"
  | "continueTurn"
  | "editQueued"
  | "withdraw"
  | "takeBack"
  | "discardWaiting"
  | "resolveApproval"
>;

export interface TurnActionParts {
  readonly pages: Pages;
  readonly directory: SessionDirectory;
  readonly signIn: SignIn;
  readonly toast: Toast;
  readonly waits: Pick<WaitMeasures, "sent">;
}

/** Sending, and what can be done with what was sent. Every action names its session when it is pressed, never later. */
export function createTurnActions(context: AppContext, parts: TurnActionParts): TurnActions {
  const { environment, engine, state } = context;
  const { drafts, ports } = environment;
  const { pages, signIn, toast } = parts;

  function newTurnId(): TurnId {
    const id = parse(TurnIdSchema, ports.random.uuid());
    if (!id.ok) throw new Error(`The source of ids made one that is none: ${id.error.message}`);
    return id.value;
  }

  function newSessionId(): SessionId {
    const id = parse(SessionIdSchema, ports.random.uuid());
    if (!id.ok) throw new Error(`The source of ids made one that is none: ${id.error.message}`);
    return id.value;
  }

  /** Keeps the message in the outbox; what could not be kept goes back to where it was written. */
  async function post(
    sid: SessionId,
    body: SendTurn,
    draftKey: SessionId | "new" | undefined,
  ): Promise<void> {
    parts.waits.sent(body.id);
    try {
      await engine.outbox.send(sid, body);
      // Only now is the draft's copy no longer needed, unless something was typed meanwhile.
      if (draftKey !== undefined && pages.leaving.get(draftKey) === body.text) {
        pages.leaving.delete(draftKey);
        drafts.remove(draftKey, body.text);
      }
    } catch (error) {
      ports.reporter.warn("A message could not be kept for sending.", error);
      toast.say("The message could not be kept for sending. It is still in the composer.");
      if (draftKey === undefined) return;
      // Words that were typed there meanwhile stay with it.
      const joined = join(writtenIn(draftKey), body.text);
      keepDraft(draftKey, joined);
      if (pages.draftKey() === draftKey) state.draft.setText(joined);
      else if (pages.viewed() === sid && state.draft.text.peek() === "") state.draft.setText(body.text);
    }
  }

  /** Whoever writes in a session that waits to be deleted wants it; held back behind the deletion, the words would go with it. */
  function keepSession(sid: SessionId): void {
    if (state.shell.undo.peek()?.session === sid) state.shell.setUndo(undefined);
    engine.outbox
      .undoDelete(sid)
      .catch((error: unknown) => ports.reporter.warn("Undoing a deletion failed.", error));
  }

  function agentOf(sid: SessionId | undefined): AgentId | undefined {
    const summary = sid === undefined ? undefined : state.list.summary(sid);
    return summary?.agent ?? state.agents.forNewSession.peek();
  }

  /** Lazily, at the first message: the id is made here, so that this works offline. */
  function beginSession(text: string): SessionId {
    const sid = newSessionId();
    const chosen = agentOf(undefined);
    const agent = chosen ?? agentForNewSession(state);
    parts.directory.begin(newSessionSummary(sid, titleFromText(text) ?? UNTITLED, agent, ports.clock.now()));
    // Not chosen yet, as the server was never heard: it takes its own default.
    engine.outbox.create(sid, chosen === undefined ? {} : { agent: chosen }).catch((error: unknown) => {
      ports.reporter.warn("A new session could not be kept for creating.", error);
    });
    return sid;
  }

  /** What stands in the session's composer, or would. */
  function writtenIn(key: SessionId | "new"): string {
    return pages.draftKey() === key ? state.draft.text.peek() : pages.shownOf(key, drafts.peek(key));
  }

  function keepDraft(key: SessionId | "new", text: string): void {
    pages.wrote(key);
    pages.leaving.delete(key);
    drafts.write(key, text);
    drafts.flush();
  }

  async function takeBack(entryId: string): Promise<void> {
    const key = pages.draftKey();
    const entry = engine.outbox.entries().find((known) => known.id === entryId);
    const text = entry?.kind === "send" || entry?.kind === "refused" ? entry.body.text : "";
    // Where nothing is written here, another tab may be keeping a draft: it is this composer's, too.
    if (writtenIn(key) === "") state.draft.setText(pages.shownOf(key, drafts.peek(key)));
    const written = writtenIn(key);
    const joined = join(written, text);
    // Kept before it leaves the outbox: on a disk that hangs, a page that dies would take the words along.
    if (joined !== written) keepDraft(key, joined);
    const back: ReturningDraft = { kept: joined, shown: written };
    pages.returning.set(key, back);
    let taken: string | undefined;
    try {
      taken = await engine.outbox.discard(entryId);
    } catch (error) {
      ports.reporter.warn("A message could not be taken back.", error);
    }
    const current = writtenIn(key);
    // Another may have been taken back into the same composer meanwhile.
    if (pages.returning.get(key) === back) pages.returning.delete(key);
    if (taken === undefined) {
      toast.say("That message is on its way already.");
      if (joined === written || drafts.peek(key) !== joined) return;
      if (written === "") drafts.remove(key, joined);
      else keepDraft(key, written);
      return;
    }
    // Something may have been typed or sent meanwhile.
    const whole = current.includes(joined) ? current : join(current, taken);
    if (drafts.peek(key) !== whole) keepDraft(key, whole);
    if (pages.draftKey() === key) state.draft.setText(whole);
  }

  return {
    setDraft(text) {
      const before = state.draft.text.peek();
      state.draft.setText(text);
      pages.wrote();
      const key = pages.draftKey();
      pages.leaving.delete(key);
      if (text === "") drafts.remove(key, before);
      else drafts.write(key, text);
    },
    send(mode) {
      const text = state.draft.text.peek();
      if (text.trim() === "") return;
      if (text.length > MAX_TEXT_CHARS) {
        state.draft.setComplaint(
          `This message has ${text.length.toLocaleString()} characters; at most ${MAX_TEXT_CHARS.toLocaleString()} can be sent. Shorten it or send it in parts.`,
        );
        return;
      }
      const draftKey = pages.draftKey();
      const known = pages.viewed();
      const sid = known ?? beginSession(text);
      const agent = known === undefined ? agentOf(undefined) : agentOf(sid);
      const running = state.conversation.running.peek().find((turn) => turn.mode !== "parallel");
      const body: SendTurn = {
        id: newTurnId(),
        text,
        mode,
        ...(agent === undefined ? {} : { agent }),
        ...(mode === "steer" && running !== undefined ? { steers: running.id } : {}),
      };
      state.draft.setText("");
      pages.wrote();
      pages.leaving.set(draftKey, text);
      if (engine.outbox.entries().some((entry) => entry.kind === "delete" && entry.session === sid)) {
        keepSession(sid);
      }
      void post(sid, body, draftKey);
      state.conversation.countSend();
      if (known === undefined) pages.open(sid);
    },
    async stop(tid) {
      const sid = pages.viewed();
      if (sid === undefined) return;
      const answer = signIn.watch(await ports.api.stopTurn(sid, tid));
      if (!answer.ok) toast.say(`The answer was not stopped. ${failureWords(answer.error)}`);
    },
    retry(turn) {
      const sid = pages.viewed();
      if (sid === undefined) return;
      const agent = agentOf(sid);
      void post(
        sid,
        {
          id: newTurnId(),
          text: turn.text,
          mode: "queue",
          replaces: turn.id,
          ...(agent === undefined ? {} : { agent }),
          ...(turn.attachments.length === 0 ? {} : { attachments: [...turn.attachments] }),
          ...(turn.text.trim() === "" && turn.continues !== undefined ? { continues: turn.continues } : {}),
        },
        undefined,
      );
    },
    continueTurn(turn: TurnView) {
      const sid = pages.viewed();
      if (sid === undefined) return;
      const agent = turn.agent ?? agentOf(sid);
      state.conversation.countSend();
      void post(
        sid,
        {
          id: newTurnId(),
          text: "",
          mode: "queue",
          continues: turn.id,
          ...(agent === undefined ? {} : { agent }),
        },
        undefined,
      );
    },
    async editQueued(tid, text) {
      const sid = pages.viewed();
      if (sid === undefined) return false;
      const answer = signIn.watch(await ports.api.editTurn(sid, tid, { text }));
      if (!answer.ok) toast.say(`The message was not changed. ${failureWords(answer.error)}`);
      return answer.ok;
    },
    async withdraw(tid) {
      const sid = pages.viewed();
      if (sid === undefined) return;
      const answer = signIn.watch(await ports.api.withdrawTurn(sid, tid));
      if (!answer.ok) toast.say(`The message was not withdrawn. ${failureWords(answer.error)}`);
    },
    takeBack,
    async discardWaiting(entryId) {
      const text = await engine.outbox.discard(entryId);
      if (text === undefined) toast.say("That message is on its way already.");
    },
    async resolveApproval(approval, option) {
      const sid = pages.viewed();
      if (sid === undefined) return;
      const answer = signIn.watch(await ports.api.resolveApproval(sid, approval, option));
      if (!answer.ok) toast.say(`Your answer was not taken. ${failureWords(answer.error)}`);
    },
  };
}

function join(written: string, text: string): string {
  if (text.trim() === "") return written;
  return written.trim() === "" ? text : `${written}\n\n${text}`;
}
