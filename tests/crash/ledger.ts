import type { SeededRandom } from "./seeded-random.ts";

/** `lost`: asked for, and the answer never came. */
export type Known = "no" | "lost" | "done";

export interface SentTurn {
  readonly id: string;
  readonly text: string;
  readonly mode: "queue" | "steer" | "parallel";
  readonly continues: string | undefined;
  sent: "lost" | "done" | "refused";
  /** The text of the last edit that was acknowledged, and those asked for since. */
  edited: string | undefined;
  editsLost: string[];
  withdrawn: Known;
  stopped: Known;
  /** Seen ended or withdrawn on the disk. */
  hasEnded: boolean;
}

export interface SentSession {
  readonly id: string;
  created: Known;
  deleted: Known;
  title: string | undefined;
  titlesLost: string[];
  isRenaming: boolean;
  /** Not to be deleted. */
  isKept: boolean;
  readonly turns: Map<string, SentTurn>;
}

/** What the clients of a folder were told, in all lives of its server: the half of the truth that the server does not hold. */
export class Ledger {
  readonly sessions = new Map<string, SentSession>();
  readonly counts = {
    sends: 0,
    creates: 0,
    renames: 0,
    deletes: 0,
    stops: 0,
    edits: 0,
    withdrawals: 0,
    lost: 0,
  };

  newSession(id: string): SentSession {
    const session: SentSession = {
      id,
      created: "no",
      deleted: "no",
      title: undefined,
      titlesLost: [],
      isRenaming: false,
      isKept: false,
      turns: new Map(),
    };
    this.sessions.set(id, session);
    return session;
  }

  /** Those that are there and that nobody has asked to delete. */
  live(): SentSession[] {
    return [...this.sessions.values()].filter(
      ({ created, deleted }) => created === "done" && deleted === "no",
    );
  }

  anyLive(random: SeededRandom): SentSession | undefined {
    return random.pick(this.live());
  }

  /** Turns that, as far as is known, have not ended. */
  backlog(session: SentSession): SentTurn[] {
    return [...session.turns.values()].filter((turn) => turn.sent === "done" && !turn.hasEnded);
  }
}
