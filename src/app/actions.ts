import type { AgentId, ApprovalId, SessionId, TurnId } from "../protocol/ids.ts";
import type { SendMode } from "../protocol/events.ts";
import type { PartView, TurnView } from "../state/turn-view.ts";
import type { Theme } from "../state/shell-state.ts";

/** What the UI may do. Nothing here waits for the network before the page shows it, but where an answer is returned. */
export interface Actions {
  openSession(sid: SessionId): void;
  openNewSession(): void;
  setDraft(text: string): void;
  /** Sends what stands in the composer. `steer` stops the running answer; `parallel` asks beside it. */
  send(mode: SendMode): void;
  /** Stops THAT turn. */
  stop(tid: TurnId): Promise<void>;
  /** Sends a turn that replaces this one. */
  retry(turn: TurnView): void;
  /** Sends a turn that goes on from this one's partial answer. */
  continueTurn(turn: TurnView): void;
  /** Answers whether it was taken. */
  editQueued(tid: TurnId, text: string): Promise<boolean>;
  withdraw(tid: TurnId): Promise<void>;
  /** Takes a message that has not been sent, or was refused, back into the composer. */
  takeBack(entryId: string): Promise<void>;
  discardWaiting(entryId: string): Promise<void>;
  resolveApproval(approval: ApprovalId, option: string): Promise<void>;
  chooseAgent(agent: AgentId): void;
  rename(sid: SessionId, title: string): void;
  setPinned(sid: SessionId, isPinned: boolean): void;
  setArchived(sid: SessionId, isArchived: boolean): void;
  deleteSession(sid: SessionId): void;
  undoDelete(sid: SessionId): void;
  setSearch(text: string): void;
  setShowingArchived(isShowing: boolean): void;
  loadEarlier(): Promise<void>;
  retryNow(): void;
  /** Answers what went wrong, in words. */
  signIn(password: string): Promise<string | undefined>;
  signOut(isWiping: boolean): Promise<string | undefined>;
  wipe(): Promise<void>;
  reload(): void;
  setTheme(theme: Theme): void;
  setDrawerOpen(isOpen: boolean): void;
  setStreamsOpen(isOpen: boolean): void;
  setSignInOpen(isOpen: boolean): void;
  dismissNotice(id: string): void;
  dismissToast(): void;
  /** Wakes `run` in the next frame after the part has grown: text goes past signals and components. */
  followText(sid: SessionId, tid: TurnId, part: PartView, run: () => void): () => void;
}
