import type { AgentId, ApprovalId, SessionId, TurnId } from "../protocol/ids.ts";
import type { SendMode } from "../protocol/events.ts";
import type { PartView, TurnView } from "../state/turn-view.ts";
import type { ReaderMove } from "../state/conversation-state.ts";
import type { ReadingPosition } from "../state/reading-position.ts";
import type { TextWork } from "./environment.ts";
import type { TextFollower } from "./live-text.ts";
import type { Theme } from "../state/shell-state.ts";

/** From where a gap is filled: from the turns above it, or from those below. */
export type GapEnd = "above" | "below";

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
  /** One page of turns before those that are loaded. */
  loadEarlier(): Promise<void>;
  /** The reader comes near to the first turn that is loaded: the same, unless it failed last or is on its way. */
  wantEarlier(): void;
  /** One page of what is missing between far turns and the rest, from either end. */
  loadBetween(end: GapEnd): Promise<void>;
  /** The reader comes near to that gap: the same, unless it failed last or is on its way. */
  wantBetween(end: GapEnd): void;
  /** Brings a turn into sight; what lies between may be loaded later. */
  jumpToTurn(turn: TurnId, occurrence?: number): Promise<void>;
  /** Brings a row that is loaded into sight, whichever of its alternatives is chosen. */
  jumpToRow(row: TurnId): void;
  jumpToStart(): Promise<void>;
  cancelJump(): void;
  /** From a row at the edge of what is loaded to the question beyond, once that is there. */
  stepBeyond(row: string, by: 1 | -1): Promise<void>;
  /** From question to question, or to the end; from where a jump that is under way will end. */
  moveReader(move: ReaderMove): void;
  /** Opens the search within the conversation, or brings the focus back to it. */
  openSearch(): void;
  closeSearch(): void;
  /** Searches all turns of the session, loaded or not. */
  searchFor(query: string): void;
  /** To the next occurrence, or the one before; all around. */
  goToOccurrence(by: 1 | -1): void;
  /** The address of a turn within this origin. */
  linkTo(turn: TurnId): string;
  /** Where the session was left in this tab, reloads included. */
  position(sid: SessionId): ReadingPosition | undefined;
  keepPosition(sid: SessionId, position: ReadingPosition): void;
  /** Brings back a position whose turn is not loaded. */
  fetchPosition(sid: SessionId, position: Extract<ReadingPosition, { kind: "row" }>): Promise<void>;
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
  /** Calls `work` in frames after the part has grown, and once before the next paint: text goes past signals and components. */
  followText(sid: SessionId, tid: TurnId, part: PartView, work: TextWork): TextFollower;
}
