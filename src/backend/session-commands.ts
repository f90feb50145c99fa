import type { LogEvent } from "../protocol/events.ts";
import type { SessionId } from "../protocol/ids.ts";
import { problem, type Problem } from "../protocol/problems.ts";
import type { CreateSession, UpdateSession } from "../protocol/requests.ts";
import { err, ok, type Result } from "../protocol/result.ts";
import type { SessionSummary } from "../protocol/snapshot.ts";
import { deletedProblem, type LogWriter, type Written } from "./log-writer.ts";
import type { AgentDirectory, Clock, Random, SessionRecord } from "./ports.ts";
import type { RunRegistry } from "./run-registry.ts";
import type { Sessions } from "./session-list.ts";
import { SessionLog } from "./session-log.ts";
import { UNTITLED } from "../protocol/session-title.ts";
import type { Snapshots } from "./snapshots.ts";
import type { StreamHub } from "./stream-hub.ts";
import { refuseAgent } from "./turn-commands.ts";

type Created = Result<{ readonly session: SessionSummary; readonly created: boolean }, Problem>;

export interface SessionCommandPorts {
  readonly sessions: Sessions;
  readonly writer: LogWriter;
  readonly runs: RunRegistry;
  readonly snapshots: Snapshots;
  readonly hub: StreamHub;
  readonly agents: AgentDirectory;
  readonly clock: Clock;
  readonly random: Random;
  readonly maxSessions: number;
}

/** What a person may do with a session. */
export class SessionCommands {
  readonly #ports: SessionCommandPorts;
  readonly #creating = new Map<SessionId, Promise<Created>>();

  constructor(ports: SessionCommandPorts) {
    this.#ports = ports;
  }

  /** Idempotent: what exists is answered as it is, whatever the body says. */
  async create(sid: SessionId, body: CreateSession): Promise<Created> {
    const found = this.#ports.sessions.find(sid);
    if (found.ok) return ok({ session: found.value.head.record.summary, created: false });
    if (found.error.code === "session-deleted") return found;
    const underWay = this.#creating.get(sid);
    if (underWay !== undefined) {
      const other = await underWay;
      return other.ok ? ok({ ...other.value, created: false }) : other;
    }
    const creating = this.#create(sid, body).finally(() => this.#creating.delete(sid));
    this.#creating.set(sid, creating);
    return creating;
  }

  async update(log: SessionLog, body: UpdateSession): Promise<Result<SessionSummary, Problem>> {
    const unknownAgent =
      body.agent === undefined ? undefined : await refuseAgent(this.#ports.agents, body.agent);
    if (unknownAgent !== undefined) return err(unknownAgent);
    return log.exclusive(async () => {
      const { summary, titledByHand } = log.head.record;
      const { title, agent, pinned, archived } = body;
      const changes = {
        ...(title === undefined || title === summary.title ? {} : { title }),
        ...(agent === undefined || agent === summary.agent ? {} : { agent }),
        ...(pinned === undefined || pinned === summary.pinned ? {} : { pinned }),
        ...(archived === undefined || archived === summary.archived ? {} : { archived }),
      };
      const isNewlyTitled = title !== undefined && !titledByHand;
      if (Object.keys(changes).length === 0 && !isNewlyTitled)
        return log.isDeleted ? err(deletedProblem()) : ok(summary);
      const event: LogEvent = { type: "session-updated", at: this.#ports.clock.now(), ...changes };
      const events = Object.keys(changes).length === 0 ? [] : [event];
      const written = await this.#ports.writer.append(
        log,
        events,
        isNewlyTitled ? { titledByHand: true } : {},
      );
      return written.ok ? ok(log.head.record.summary) : written;
    });
  }

  /** Stops its turns, ends its streams with `bye deleted`, removes its log, and remembers the id for good. */
  async remove(log: SessionLog): Promise<Written> {
    const { sessions, writer, runs, snapshots, hub } = this.#ports;
    return log.exclusive(async () => {
      if (log.isDeleted) return err(deletedProblem());
      const written = await writer.remove(log);
      if (!written.ok) return written;
      runs.releaseSession(log.id);
      sessions.remove(log);
      snapshots.forget(log);
      hub.endOf(log, { reason: "deleted" });
      return ok(undefined);
    });
  }

  async #create(sid: SessionId, body: CreateSession): Promise<Created> {
    const { sessions, agents, clock, random, writer, maxSessions } = this.#ports;
    if (sessions.size + this.#creating.size >= maxSessions) {
      return err(
        problem("too-many-sessions", `There are ${maxSessions} sessions. Delete some to start a new one.`),
      );
    }
    const unknownAgent = body.agent === undefined ? undefined : await refuseAgent(agents, body.agent);
    if (unknownAgent !== undefined) return err(unknownAgent);
    // The first session after a start is to get the model, not the demo that stands in for it.
    if (body.agent === undefined) await agents.ready?.();
    const at = clock.now();
    const summary: SessionSummary = {
      id: sid,
      title: body.title ?? UNTITLED,
      createdAt: at,
      updatedAt: at,
      agent: body.agent ?? agents.defaultId(),
      pinned: false,
      archived: false,
      status: "idle",
      running: 0,
      queued: 0,
    };
    const record: SessionRecord = {
      summary,
      epoch: random.epoch(),
      tail: 0,
      titledByHand: body.title !== undefined,
      openTurns: [],
    };
    const log = new SessionLog(record);
    const written = await writer.create(log);
    if (!written.ok) return written;
    sessions.add(log);
    return ok({ session: summary, created: true });
  }
}
