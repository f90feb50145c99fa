import type { LogEvent, LogEventOf, Outcome, TurnError, Usage } from "../protocol/events.ts";
import { ApprovalIdSchema, type ApprovalId, type TurnId } from "../protocol/ids.ts";
import { parse } from "../protocol/parse.ts";
import type { Agent, AgentEvent, AgentQuestion, AgentRequest, Clock, Disposer, Reporter } from "./ports.ts";
import type { LogWriter, Written } from "./log-writer.ts";
import type { Replay } from "./replay.ts";
import { RunEvents } from "./run-events.ts";
import type { SessionLog } from "./session-log.ts";
import { StopController } from "./stop-controller.ts";

export interface RunPorts {
  readonly writer: LogWriter;
  readonly clock: Clock;
  readonly reporter: Reporter;
}

type Resolution = Pick<LogEventOf<"approval-resolved">, "option" | "by">;

interface OpenApproval {
  readonly id: ApprovalId;
  readonly options: readonly string[];
  resolution: Resolution | undefined;
  readonly resolve: (option: string) => void;
  readonly reject: (reason: Error) => void;
  timer: Disposer | undefined;
}

/** What came of an answer to an approval. */
export type ApprovalAnswer =
  | { readonly kind: "taken"; readonly written: Promise<Written> }
  | { readonly kind: "bad-option"; readonly options: readonly string[] }
  | { readonly kind: "resolved"; readonly option: string; readonly by: string };

/**
 * One turn's run. Outlives every listener.
 *
 *   starting ──begin──▶ running ──end──▶ closed      (closed: says nothing more, whatever the agent still says)
 *
 * Writes exactly one `turn-ended`, or none where the writer owes it (`breakOff`) or the session is gone (`abandon`).
 */
export class Run {
  readonly log: SessionLog;
  readonly turn: TurnId;
  readonly #ports: RunPorts;
  readonly #stop = new StopController();
  readonly #events: RunEvents;
  /** Of a run taken up again: what the log has of it already. */
  readonly #replay: Replay | undefined;
  readonly #approvals = new Map<ApprovalId, OpenApproval>();
  #state: "starting" | "running" | "closed" = "starting";
  #endBeforeBegin: "stopped" | "interrupted" | undefined;
  #ended: Promise<Written> | undefined;
  #usage: Usage | undefined;

  constructor(ports: RunPorts, log: SessionLog, turn: TurnId, replay?: Replay) {
    this.#ports = ports;
    this.#replay = replay;
    this.log = log;
    this.turn = turn;
    this.#events = new RunEvents(turn);
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  get isStarting(): boolean {
    return this.#state === "starting";
  }

  /** `turn-started` is durable: lets the agent speak. */
  begin(agent: Agent, request: Omit<AgentRequest, "signal" | "ask" | "isReplaying">): void {
    if (this.#state !== "starting") return;
    this.#state = "running";
    if (this.#endBeforeBegin !== undefined) {
      void this.#end(this.#endBeforeBegin);
      return;
    }
    const full: AgentRequest = {
      ...request,
      signal: this.#stop.signal,
      ask: (question) => this.#ask(question),
      isReplaying: () => this.#replay?.isBehind() ?? false,
    };
    void this.#consume(agent, full);
  }

  /** Ends the turn with its partial answer kept; one that is starting ends as soon as it has. Idempotent. */
  async end(outcome: "stopped" | "interrupted"): Promise<Written> {
    if (this.#state === "starting") {
      // The log must say that it began before it says that it ended.
      this.#endBeforeBegin ??= outcome;
      return { ok: true, value: undefined };
    }
    return this.#end(outcome);
  }

  /** Says nothing more and writes nothing: its end is owed by the writer, or its session is gone. */
  breakOff(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#release();
  }

  answer(approval: ApprovalId, option: string, by: "user" | "timeout"): ApprovalAnswer | undefined {
    const open = this.#approvals.get(approval);
    if (open === undefined) return undefined;
    if (open.resolution !== undefined) return { kind: "resolved", ...open.resolution };
    if (this.isClosed) return undefined;
    if (!open.options.includes(option)) return { kind: "bad-option", options: open.options };
    return { kind: "taken", written: this.#resolve(open, option, by) };
  }

  async #resolve(open: OpenApproval, option: string, by: "user" | "timeout"): Promise<Written> {
    open.resolution = { option, by };
    open.timer?.();
    const written = await this.#append([
      {
        type: "approval-resolved",
        at: this.#ports.clock.now(),
        turn: this.turn,
        approval: open.id,
        option,
        by,
      },
    ]);
    // The agent acts only on what is durable.
    if (written.ok && !this.isClosed) open.resolve(option);
    return written;
  }

  #ask(question: AgentQuestion): Promise<string> {
    if (this.#state !== "running") return Promise.reject(new Error("The turn has ended."));
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    // An agent that asked and went on without waiting is told nothing when it is stopped.
    promise.catch(() => undefined);
    const at = this.#ports.clock.now();
    const open: OpenApproval = {
      id: this.#approvalId(question.id),
      options: question.options.map((option) => option.id),
      resolution: undefined,
      resolve,
      reject,
      timer: undefined,
    };
    this.#approvals.set(open.id, open);
    const part = this.#events.toolPart(question.part);
    const { expiresInMs } = question;
    void this.#append([
      {
        type: "approval-requested",
        at,
        turn: this.turn,
        approval: open.id,
        prompt: question.prompt,
        options: [...question.options],
        ...(part === undefined ? {} : { part }),
        ...(expiresInMs === undefined ? {} : { expiresAt: at + expiresInMs }),
      },
    ]);
    const asked = this.#replay?.approval(open.id);
    if (asked?.resolved !== undefined) {
      open.resolution = asked.resolved;
      resolve(asked.resolved.option);
      return promise;
    }
    if (expiresInMs !== undefined) {
      const option =
        question.timeoutOption ??
        question.options.find((candidate) => candidate.kind === "deny")?.id ??
        question.options.at(-1)?.id;
      if (option !== undefined) {
        const leftMs = asked?.expiresAt === undefined ? expiresInMs : Math.max(0, asked.expiresAt - at);
        open.timer = this.#ports.clock.setTimer(leftMs, () => {
          this.answer(open.id, option, "timeout");
        });
      }
    }
    return promise;
  }

  /** Unique within the session: the turn's id is. */
  #approvalId(name: string): ApprovalId {
    const base = `${this.turn}.${name.replaceAll(/[^\u0021-\u007E]/g, "_").slice(0, 80)}`;
    let wanted = base;
    for (let count = 2; ; count += 1) {
      const id = parse(ApprovalIdSchema, wanted);
      if (!id.ok) throw new Error(`"${wanted}" should be an approval's id: ${id.error.message}`);
      if (!this.#approvals.has(id.value)) return id.value;
      wanted = `${base}.${count}`;
    }
  }

  async #consume(agent: Agent, request: AgentRequest): Promise<void> {
    let iterator: AsyncIterator<AgentEvent> | undefined;
    try {
      iterator = agent.run(request)[Symbol.asyncIterator]();
      while (!this.isClosed) {
        const next = await iterator.next();
        if (this.isClosed) break;
        if (next.done === true) {
          await this.#end("complete");
          return;
        }
        this.#take(next.value);
        // The one wait for the store: an agent that outruns it is held back, or memory would be the buffer.
        if (this.#ports.writer.isCongested(this.log)) await this.#ports.writer.settled(this.log);
      }
      await iterator.return?.();
    } catch (cause) {
      // What an agent throws because it was stopped is no news.
      if (this.isClosed) return;
      this.#ports.reporter.warn(`Agent ${agent.summary.id} failed in turn ${this.turn}.`, cause);
      await this.#end("failed", {
        code: "agent-failed",
        message: "The agent stopped with an error. What it had said is kept; try again.",
      });
    }
  }

  #take(event: AgentEvent): void {
    switch (event.type) {
      case "started":
        // The model is told by `turn-started`, which is in the log by now.
        return;
      case "usage":
        this.#usage = event.usage;
        return;
      case "error":
        void this.#end("failed", event.error);
        return;
      case "text":
      case "reasoning":
      case "tool-started":
      case "tool-output":
      case "tool-ended":
      case "plan": {
        const events = this.#events.translate(event, this.#ports.clock.now());
        if (!events.ok) {
          this.#ports.reporter.warn(`An event of turn ${this.turn} was left out: ${events.error}.`);
        } else if (events.value.length > 0) void this.#append(events.value);
      }
    }
  }

  #end(outcome: Outcome, error?: TurnError): Promise<Written> {
    if (this.#ended !== undefined) return this.#ended;
    if (this.isClosed) return Promise.resolve({ ok: true, value: undefined });
    const at = this.#ports.clock.now();
    const events: LogEvent[] = [];
    for (const open of this.#approvals.values()) {
      if (open.resolution !== undefined) continue;
      open.resolution = { option: "", by: "stopped" };
      events.push({
        type: "approval-resolved",
        at,
        turn: this.turn,
        approval: open.id,
        option: "",
        by: "stopped",
      });
    }
    events.push({
      type: "turn-ended",
      at,
      turn: this.turn,
      outcome,
      ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
    });
    this.#state = "closed";
    this.#ended = this.#append(events);
    this.#release();
    return this.#ended;
  }

  #append(events: readonly LogEvent[]): Promise<Written> {
    const replay = this.#replay;
    const news =
      replay === undefined
        ? events
        : events.map((event) => replay.news(event)).filter((event) => event !== undefined);
    if (news.length === 0) return Promise.resolve({ ok: true, value: undefined });
    return this.#ports.writer.append(this.log, news);
  }

  #release(): void {
    for (const open of this.#approvals.values()) {
      open.timer?.();
      open.reject(new Error("The turn was stopped."));
    }
    this.#stop.abort();
  }
}
