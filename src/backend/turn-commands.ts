import type { TurnState } from "../protocol/conversation.ts";
import type { LogEvent, LogEventOf } from "../protocol/events.ts";
import type { AgentId, ApprovalId, TurnId } from "../protocol/ids.ts";
import { problem, type Problem } from "../protocol/problems.ts";
import type { EditTurn, ResolveApproval, SendTurn } from "../protocol/requests.ts";
import { err, ok, type Result } from "../protocol/result.ts";
import type { LogWriter, Written } from "./log-writer.ts";
import type { AgentDirectory, Clock } from "./ports.ts";
import type { RunRegistry } from "./run-registry.ts";
import type { SessionLog } from "./session-log.ts";
import { titleFromText } from "../protocol/session-title.ts";
import type { LoadedConversation, Snapshots } from "./snapshots.ts";
import { runningInQueue } from "./turn-queue.ts";
import type { TurnScheduler } from "./turn-scheduler.ts";

type Sent = Result<{ readonly turn: TurnId; readonly isKnown: boolean }, Problem>;

export interface TurnCommandPorts {
  readonly writer: LogWriter;
  readonly snapshots: Snapshots;
  readonly runs: RunRegistry;
  readonly scheduler: TurnScheduler;
  readonly agents: AgentDirectory;
  readonly clock: Clock;
  readonly maxQueuedTurns: number;
}

/** What a person may do with a turn. Commands of one session go one after the other, each on what is durable. */
export class TurnCommands {
  readonly #ports: TurnCommandPorts;

  constructor(ports: TurnCommandPorts) {
    this.#ports = ports;
  }

  async send(log: SessionLog, body: SendTurn): Promise<Sent> {
    const { writer, snapshots, scheduler } = this.#ports;
    const sent = await log.exclusive(async (): Promise<Sent> => {
      const loaded = await snapshots.load(log);
      const known = loaded.accepted.get(body.id);
      if (known !== undefined) {
        return isSameTurn(known, body)
          ? ok({ turn: body.id, isKnown: true })
          : err(
              problem(
                "turn-conflict",
                "A turn of this id was sent with other content. Send it under a new id.",
              ),
            );
      }
      const refusal = this.#refuse(log, loaded, body);
      if (refusal !== undefined) return err(refusal);
      const agent = body.agent ?? log.head.record.summary.agent;
      const unknownAgent = await refuseAgent(this.#ports.agents, agent);
      if (unknownAgent !== undefined) return err(unknownAgent);
      const written = await writer.append(log, this.#queuedEvents(log, loaded, body, agent));
      return written.ok ? ok({ turn: body.id, isKnown: false }) : written;
    });
    if (sent.ok && !sent.value.isKnown) {
      if (body.mode === "steer") await this.#steer(log, body.steers);
      void scheduler.schedule(log);
    }
    return sent;
  }

  edit(log: SessionLog, tid: TurnId, body: EditTurn): Promise<Written> {
    return this.#changeQueued(log, tid, (turn, at) =>
      turn.text === body.text ? [] : [{ type: "turn-edited", at, turn: tid, text: body.text }],
    );
  }

  withdraw(log: SessionLog, tid: TurnId): Promise<Written> {
    return this.#changeQueued(log, tid, (_turn, at) => [{ type: "turn-withdrawn", at, turn: tid }]);
  }

  /** Ends THAT turn, queued or running. What has ended already stays as it is. */
  async stop(log: SessionLog, tid: TurnId): Promise<Written> {
    const run = this.#ports.runs.find(log.id, tid);
    if (run !== undefined && !run.isStarting) return run.end("stopped");
    return log.exclusive(async () => {
      const { conversation, accepted } = await this.#ports.snapshots.load(log);
      const turn = conversation.turns.get(tid);
      if (turn === undefined) return accepted.has(tid) ? ok(undefined) : err(unknownTurn());
      if (turn.status === "ended") return ok(undefined);
      // It may have begun while this waited for its turn.
      const begun = this.#ports.runs.find(log.id, tid);
      if (begun !== undefined) return begun.end("stopped");
      if (turn.status === "running") return ok(undefined);
      const at = this.#ports.clock.now();
      return this.#ports.writer.append(log, [{ type: "turn-ended", at, turn: tid, outcome: "stopped" }]);
    });
  }

  async resolveApproval(log: SessionLog, aid: ApprovalId, body: ResolveApproval): Promise<Written> {
    const answer = this.#ports.runs.answer(log.id, aid, body.option);
    switch (answer?.kind) {
      case "taken":
        return answer.written;
      case "bad-option":
        return err(
          problem(
            "bad-request",
            `There is no option "${body.option}". Choose one of ${answer.options.join(", ")}.`,
            {
              field: "option",
            },
          ),
        );
      case "resolved":
        return err(resolvedAlready(answer.option, answer.by));
      case undefined: {
        const { conversation } = await this.#ports.snapshots.load(log);
        for (const turn of conversation.turns.values()) {
          const approval = turn.approvals.find((candidate) => candidate.id === aid);
          if (approval === undefined) continue;
          return err(resolvedAlready(approval.resolved?.option ?? "", approval.resolved?.by ?? "stopped"));
        }
        return err(problem("approval-not-found", "There is no such question in this session."));
      }
    }
  }

  /** Stops the turn named, or the queue's running one. If it has ended by then, that is all right. */
  async #steer(log: SessionLog, steers: TurnId | undefined): Promise<void> {
    const { conversation } = await this.#ports.snapshots.load(log);
    const target = steers ?? runningInQueue(conversation.turns.values());
    if (target !== undefined) await this.stop(log, target);
  }

  #refuse(log: SessionLog, loaded: LoadedConversation, body: SendTurn): Problem | undefined {
    if (log.head.record.summary.queued >= this.#ports.maxQueuedTurns) {
      return problem(
        "too-many-turns",
        `${this.#ports.maxQueuedTurns} messages are waiting in this session. Wait for one to be answered, or withdraw some.`,
      );
    }
    for (const field of ["steers", "replaces", "continues"] as const) {
      const named = body[field];
      if (named !== undefined && !loaded.conversation.turns.has(named)) {
        return problem("bad-request", `There is no turn ${named} in this session.`, { field });
      }
    }
    const continued =
      body.continues === undefined ? undefined : loaded.conversation.turns.get(body.continues);
    if (continued !== undefined && (continued.status !== "ended" || continued.outcome === "complete")) {
      return problem("bad-request", "Only an interrupted, stopped or failed answer can be continued.", {
        field: "continues",
      });
    }
    return undefined;
  }

  #queuedEvents(log: SessionLog, loaded: LoadedConversation, body: SendTurn, agent: AgentId): LogEvent[] {
    const at = this.#ports.clock.now();
    const { attachments, steers, replaces, continues } = body;
    const events: LogEvent[] = [
      {
        type: "turn-queued",
        at,
        turn: body.id,
        text: body.text,
        mode: body.mode,
        agent,
        ...(attachments === undefined ? {} : { attachments }),
        ...(replaces === undefined ? {} : { replaces }),
        ...(continues === undefined ? {} : { continues }),
        ...(steers === undefined ? {} : { steers }),
      },
    ];
    const isFirst = loaded.accepted.size === 0;
    const title = isFirst && !log.head.record.titledByHand ? titleFromText(body.text) : undefined;
    if (title !== undefined) events.push({ type: "session-updated", at, title });
    return events;
  }

  #changeQueued(
    log: SessionLog,
    tid: TurnId,
    change: (turn: TurnState, at: number) => LogEvent[],
  ): Promise<Written> {
    return log.exclusive(async () => {
      const { conversation, accepted } = await this.#ports.snapshots.load(log);
      const turn = conversation.turns.get(tid);
      if (turn === undefined && !accepted.has(tid)) return err(unknownTurn());
      if (turn?.status !== "queued") {
        return err(
          problem(
            "turn-not-queued",
            "This message is not waiting any more: it has been taken up or withdrawn.",
          ),
        );
      }
      const events = change(turn, this.#ports.clock.now());
      return events.length === 0 ? ok(undefined) : this.#ports.writer.append(log, events);
    });
  }
}

/** A turn or a session may name an agent only if there is one. */
export async function refuseAgent(agents: AgentDirectory, agent: AgentId): Promise<Problem | undefined> {
  if ((await agents.find(agent)) !== undefined) return undefined;
  return problem("bad-request", `There is no agent "${agent}". Choose another one.`, { field: "agent" });
}

function unknownTurn(): Problem {
  return problem("turn-not-found", "There is no such turn in this session.");
}

function resolvedAlready(option: string, by: string): Problem {
  const how =
    by === "stopped" ? "The turn was stopped before it was answered" : `Answered already: ${option}`;
  return problem("approval-resolved", `${how}.`, { option, by });
}

/** Compared with what was first accepted. A retry that names no agent means whichever was taken then. */
function isSameTurn(known: LogEventOf<"turn-queued">, body: SendTurn): boolean {
  return (
    known.text === body.text &&
    known.mode === body.mode &&
    known.steers === body.steers &&
    known.replaces === body.replaces &&
    known.continues === body.continues &&
    (body.agent === undefined || known.agent === body.agent) &&
    attachmentsKey(known) === attachmentsKey(body)
  );
}

function attachmentsKey(turn: Pick<SendTurn, "attachments">): string {
  return JSON.stringify((turn.attachments ?? []).map((file) => [file.name, file.mediaType, file.data]));
}
