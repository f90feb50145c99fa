import type { ApprovalId, SessionId, TurnId } from "../protocol/ids.ts";
import type { Replay } from "./replay.ts";
import { Run, type ApprovalAnswer, type RunPorts } from "./run.ts";
import type { SessionLog } from "./session-log.ts";

/** Every run there is, by session and turn. A turn that is in here can't be started again. */
export class RunRegistry {
  readonly #ports: RunPorts;
  readonly #runs = new Map<SessionId, Map<TurnId, Run>>();

  constructor(ports: RunPorts) {
    this.#ports = ports;
  }

  has(session: SessionId, turn: TurnId): boolean {
    return this.find(session, turn) !== undefined;
  }

  find(session: SessionId, turn: TurnId): Run | undefined {
    return this.#runs.get(session)?.get(turn);
  }

  /** Undefined when the turn has a run: the guard against starting it twice. */
  claim(log: SessionLog, turn: TurnId, replay?: Replay): Run | undefined {
    let runs = this.#runs.get(log.id);
    if (runs === undefined) {
      runs = new Map();
      this.#runs.set(log.id, runs);
    }
    if (runs.has(turn)) return undefined;
    const run = new Run(this.#ports, log, turn, replay);
    runs.set(turn, run);
    return run;
  }

  /** The turn's end is in the log, or it never began. */
  release(session: SessionId, turn: TurnId): void {
    const runs = this.#runs.get(session);
    runs?.get(turn)?.breakOff();
    runs?.delete(turn);
    if (runs?.size === 0) this.#runs.delete(session);
  }

  /** The session is gone: its runs say nothing more. */
  releaseSession(session: SessionId): void {
    for (const run of this.#runs.get(session)?.values() ?? []) run.breakOff();
    this.#runs.delete(session);
  }

  answer(session: SessionId, approval: ApprovalId, option: string): ApprovalAnswer | undefined {
    for (const run of this.#runs.get(session)?.values() ?? []) {
      const answer = run.answer(approval, option, "user");
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  /** Ends every run as `interrupted`. */
  async interruptAll(): Promise<void> {
    const runs = [...this.#runs.values()].flatMap((runs) => Array.from(runs.values()));
    await Promise.all(runs.map((run) => run.end("interrupted")));
  }
}
