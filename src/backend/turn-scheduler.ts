import type { TurnState } from "../protocol/conversation.ts";
import type { AgentId, TurnId } from "../protocol/ids.ts";
import { buildHistory } from "./history.ts";
import type { LogWriter } from "./log-writer.ts";
import type { Agent, AgentDirectory, Clock, Reporter } from "./ports.ts";
import { createReplay } from "./replay.ts";
import type { RunRegistry } from "./run-registry.ts";
import type { SessionLog } from "./session-log.ts";
import type { LoadedConversation, Snapshots } from "./snapshots.ts";
import { turnsToStart } from "./turn-queue.ts";

export interface TurnSchedulerPorts {
  readonly writer: LogWriter;
  readonly snapshots: Snapshots;
  readonly runs: RunRegistry;
  readonly agents: AgentDirectory;
  readonly clock: Clock;
  readonly reporter: Reporter;
}

/** Starts what may start. No lock is held across a run: a run begins, and the next look comes with its end. */
export class TurnScheduler {
  readonly #ports: TurnSchedulerPorts;
  #isStopped = false;

  constructor(ports: TurnSchedulerPorts) {
    this.#ports = ports;
  }

  /** No turn starts any more: queued ones stay queued for the next life. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Starts the turns of the session whose time has come. Resolves when they have begun. */
  async schedule(log: SessionLog): Promise<void> {
    if (log.head.record.summary.queued === 0) return;
    try {
      await log.exclusive(() => this.#startDue(log));
    } catch (cause) {
      this.#ports.reporter.warn(`The turns of session ${log.id} could not be started.`, cause);
    }
  }

  /**
   * Claims a turn that the last life left running, for its agent to say again; what the log has is not written twice.
   * Answers what lets it go on, or undefined where the agent can't repeat itself.
   */
  async takeUp(log: SessionLog, id: TurnId): Promise<(() => void) | undefined> {
    const loaded = await this.#ports.snapshots.load(log);
    const turn = loaded.conversation.turns.get(id);
    if (turn === undefined) return undefined;
    const agent = await this.#find(turn.agent);
    if (agent?.isRepeatable !== true) return undefined;
    const run = this.#ports.runs.claim(log, id, createReplay(turn));
    return run && (() => run.begin(agent, requestOf(log, loaded, turn)));
  }

  async #startDue(log: SessionLog): Promise<void> {
    if (this.#isStopped || log.isDeleted) return;
    const { snapshots, runs } = this.#ports;
    const loaded = await snapshots.load(log);
    const due = turnsToStart(loaded.conversation.turns.values(), (turn) => runs.has(log.id, turn));
    for (const id of due) {
      const turn = loaded.conversation.turns.get(id);
      if (turn !== undefined) await this.#start(log, loaded, turn);
    }
  }

  async #start(log: SessionLog, loaded: LoadedConversation, turn: TurnState): Promise<void> {
    const { writer, runs, clock } = this.#ports;
    const run = runs.claim(log, turn.id);
    if (run === undefined) return;
    const agent = await this.#find(turn.agent);
    const at = clock.now();
    if (agent === undefined) {
      await writer.append(log, [goneAgent(turn.id, turn.agent, at)]);
      runs.release(log.id, turn.id);
      return;
    }
    const model = modelOf(turn.agent);
    const written = await writer.append(log, [
      {
        type: "turn-started",
        at,
        turn: turn.id,
        agent: turn.agent,
        ...(model === undefined ? {} : { model }),
      },
    ]);
    if (!written.ok) {
      // Still queued: it is tried again when something can be written.
      runs.release(log.id, turn.id);
      return;
    }
    // Built after the fold of `turn-started`, which gives the turn its place.
    run.begin(agent, requestOf(log, loaded, turn));
  }

  async #find(id: AgentId): Promise<Agent | undefined> {
    try {
      return await this.#ports.agents.find(id);
    } catch (cause) {
      this.#ports.reporter.warn(`Agent ${id} can't be asked.`, cause);
      return undefined;
    }
  }
}

function requestOf(log: SessionLog, loaded: LoadedConversation, turn: TurnState) {
  const told = buildHistory(loaded.conversation, turn, loaded.endedAtSend.get(turn.id));
  return {
    session: log.id,
    turn: turn.id,
    text: turn.text,
    attachments: turn.attachments ?? [],
    ...told,
  };
}

function goneAgent(turn: TurnId, agent: AgentId, at: number) {
  return {
    type: "turn-ended",
    at,
    turn,
    outcome: "failed",
    error: {
      code: "agent-unavailable",
      message: `"${agent}" is not available any more. Choose another agent and try again.`,
    },
  } as const;
}

/** An agent's id ends in the model's name: `openai/llama3`. The demo has none. */
function modelOf(agent: AgentId): string | undefined {
  const slash = agent.indexOf("/");
  return slash < 0 ? undefined : agent.slice(slash + 1);
}
