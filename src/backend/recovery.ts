import type { LogWriter } from "./log-writer.ts";
import type { BackendOptions } from "./backend-types.ts";
import type { Reporter, SessionRecord } from "./ports.ts";
import { advanceHead, createHead, unreadableHead } from "./session-head.ts";
import type { Sessions } from "./session-list.ts";
import { SessionLog } from "./session-log.ts";
import type { Snapshots } from "./snapshots.ts";
import type { LogEvent } from "../protocol/events.ts";
import type { TurnScheduler } from "./turn-scheduler.ts";

/**
 * Takes up what the last life left: a turn that was running is ended as `interrupted`, its partial answer kept and its
 * open questions closed; queued ones go on. Only logs with open turns are read.
 * With `resume`, a running turn whose agent can repeat itself goes on instead.
 */
export async function recoverSessions(ports: {
  readonly records: readonly SessionRecord[];
  readonly sessions: Sessions;
  readonly snapshots: Snapshots;
  readonly writer: LogWriter;
  readonly scheduler: TurnScheduler;
  readonly reporter: Reporter;
  readonly recovery: NonNullable<BackendOptions["recovery"]>;
}): Promise<void> {
  const { sessions, snapshots, writer, scheduler, reporter } = ports;
  const open: SessionLog[] = [];
  const resumed: (() => void)[] = [];
  for (const record of ports.records) {
    const log = new SessionLog(record);
    sessions.add(log);
    if (record.openTurns.length > 0) open.push(log);
  }
  for (const log of open) {
    try {
      await restoreHead(log, snapshots);
    } catch (cause) {
      // One unreadable log must not keep the others from coming up.
      reporter.warn(
        `The log of session ${log.id} can't be read; its unfinished turns stay as they are.`,
        cause,
      );
      log.head = unreadableHead(log.head.record);
      continue;
    }
    for (const [turn, state] of log.head.open) {
      if (state.status !== "running") continue;
      const goOn = ports.recovery === "resume" ? await scheduler.takeUp(log, turn) : undefined;
      if (goOn === undefined) writer.owe(log, turn, { outcome: "interrupted" });
      else resumed.push(goOn);
    }
  }
  await writer.flush();
  // Not before: a run that keeps writing would keep the flush waiting.
  for (const goOn of resumed) goOn();
  for (const log of open) void scheduler.schedule(log);
}

/** The record names the open turns; what they wait for is in the log. */
async function restoreHead(log: SessionLog, snapshots: Snapshots): Promise<void> {
  const { conversation, lastOutcome } = await snapshots.load(log);
  const events: LogEvent[] = [];
  for (const turn of conversation.turns.values()) {
    const { id, agent, text, mode, queuedAt: at } = turn;
    if (turn.status === "ended") continue;
    events.push({ type: "turn-queued", at, turn: id, agent, text, mode });
    if (turn.status === "running") events.push({ type: "turn-started", at, turn: id, agent });
    for (const part of turn.parts.values()) {
      if (part.type === "tool" && part.status === "running")
        events.push({ type: "tool-started", at, turn: id, part: part.id, name: part.name ?? "" });
    }
    for (const approval of turn.approvals) {
      if (approval.resolved !== undefined) continue;
      const { prompt, options } = approval;
      events.push({ type: "approval-requested", at, turn: id, approval: approval.id, prompt, options });
    }
  }
  // Only what is open is taken from this: the record itself stands as it was stored.
  const { open } = advanceHead(createHead(log.head.record), events);
  log.head = { record: log.head.record, open, lastOutcome };
}
