import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, ApiClient } from "./api-client.ts";
import type { Known, Ledger, SentSession, SentTurn } from "./ledger.ts";
import type { SeededRandom } from "./seeded-random.ts";

const WEIGHTS = {
  queue: 34,
  parallel: 22,
  steer: 4,
  continue: 4,
  create: 8,
  rename: 8,
  remove: 3,
  stop: 6,
  edit: 6,
  withdraw: 3,
};

/** So many sessions a folder has at once, and so many turns one of them may have ahead of it. */
const MAX_SESSIONS = 8;
const MAX_BACKLOG = 6;

/** Too much, and not now. */
const REFUSALS = [429, 503];
/** Not written down. */
const STORE_REFUSALS = [500, 507];

/** One client that changes things, as fast as a hurried person with several windows. Notes each outcome in the ledger. */
export class Writer {
  readonly #api: ApiClient;
  readonly #ledger: Ledger;
  readonly #random: SeededRandom;
  readonly #refusals: readonly number[];
  readonly #violations: string[];

  constructor(parts: {
    readonly api: ApiClient;
    readonly ledger: Ledger;
    readonly random: SeededRandom;
    /** Whether something is done to the store. */
    readonly mayFail: boolean;
    /** Answers that the protocol does not allow are added here. */
    readonly violations: string[];
  }) {
    this.#api = parts.api;
    this.#ledger = parts.ledger;
    this.#random = parts.random;
    this.#refusals = parts.mayFail ? [...REFUSALS, ...STORE_REFUSALS] : REFUSALS;
    this.#violations = parts.violations;
  }

  /** Works until the server does not answer any more, or `isOver`. */
  async work(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      if (!(await this.#step())) return;
      await sleep(this.#random.int(2, 25));
    }
  }

  /** One message to a session that nobody else writes to. */
  async sendAlone(session: SentSession, text: string): Promise<void> {
    await this.send(session, this.#newTurn(session, "queue", text));
  }

  /** One short message beside what runs, whatever comes of it; the status of its answer, 0 when there was none. */
  async sendEcho(session: SentSession): Promise<number> {
    const turn = this.#newTurn(session, "parallel", `echo ${this.#random.int(0, 1_000_000)}`);
    return this.#post(session, turn);
  }

  /** A message whose answer takes five seconds at least; its turn's id. */
  async sendLong(session: SentSession): Promise<string> {
    const turn = this.#newTurn(session, "parallel", "count 1000 5");
    await this.#post(session, turn);
    return turn.id;
  }

  /** Sends once more what had no answer, under its own id, as an outbox does. */
  async resendLost(): Promise<void> {
    for (const session of this.#ledger.sessions.values()) {
      if (session.deleted !== "no") continue;
      if (session.created === "lost") await this.#put(session);
      if (session.created !== "done") continue;
      for (const turn of session.turns.values()) if (turn.sent === "lost") await this.send(session, turn);
    }
  }

  /** Many at once, so that they share commits. Resolves with the first acknowledgement, or none. */
  async burst(count: number): Promise<void> {
    const sends = Array.from({ length: count }, (_, index) => {
      const session = this.#ledger.anyLive(this.#random);
      const turn = session && this.#newTurn(session, "parallel", `echo burst ${index}`);
      return session && turn ? this.send(session, turn) : Promise.resolve(true);
    });
    await Promise.race(sends);
  }

  /** False when the server did not answer. */
  async send(session: SentSession, turn: SentTurn): Promise<boolean> {
    return (await this.#post(session, turn)) !== 0;
  }

  async #post(session: SentSession, turn: SentTurn): Promise<number> {
    const { id, text, mode, continues } = turn;
    const answer = await this.#api.call("POST", `/sessions/${session.id}/turns`, {
      id,
      text,
      mode,
      ...(continues === undefined ? {} : { continues }),
    });
    const outcome = this.#outcome("a send", answer, [200, 202], session);
    if (outcome === "done" && turn.sent !== "done") this.#ledger.counts.sends += 1;
    if (turn.sent !== "done") turn.sent = outcome === "no" ? "refused" : outcome;
    return answer === "lost" ? 0 : answer.status;
  }

  /** One thing more; false when the server did not answer. */
  async #step(): Promise<boolean> {
    const random = this.#random;
    const session = this.#ledger.anyLive(random);
    const wanted = random.weighted(WEIGHTS);
    if (session === undefined || (wanted === "create" && this.#ledger.live().length < MAX_SESSIONS))
      return this.#put(this.#ledger.newSession(random.uuid()));
    const backlog = this.#ledger.backlog(session);
    switch (wanted) {
      case "create":
      case "rename":
        return this.#rename(session);
      case "remove":
        return this.#ledger.live().length > 3 ? this.#remove(session) : this.#rename(session);
      case "queue":
      case "steer":
        if (backlog.length >= MAX_BACKLOG) return this.#rename(session);
        return this.send(session, this.#newTurn(session, wanted, this.#prompt(session)));
      case "parallel":
        return this.send(session, this.#newTurn(session, "parallel", this.#prompt(session)));
      case "continue":
        return this.#continue(session);
      case "stop":
      case "edit":
      case "withdraw": {
        // Only what waits can be edited or withdrawn: most likely what was queued last.
        const waiting = backlog.findLast(({ mode }) => mode === "queue");
        const turn = wanted === "stop" ? random.pick(backlog) : waiting;
        if (turn === undefined) return this.#rename(session);
        if (wanted === "stop") return this.#stop(session, turn);
        return wanted === "edit" ? this.#edit(session, turn) : this.#withdraw(session, turn);
      }
    }
  }

  #prompt(session: SentSession): string {
    const random = this.#random;
    switch (random.weighted({ count: 70, echo: 15, long: 3, think: 5, tools: 4, approve: 3 })) {
      case "count":
        return `count ${random.int(5, 40)} ${random.int(1, 12)}`;
      case "echo":
        return `echo ${session.turns.size} “naïve” 🎉 \\ line`;
      case "long":
        return "long 8";
      case "think":
        return "think 2";
      case "tools":
        return "tools";
      case "approve":
        return "approve";
    }
  }

  #newTurn(session: SentSession, mode: SentTurn["mode"], text: string, continues?: string): SentTurn {
    const turn: SentTurn = {
      id: this.#random.uuid(),
      text,
      mode,
      continues,
      sent: "lost",
      edited: undefined,
      editsLost: [],
      withdrawn: "no",
      stopped: "no",
      hasEnded: false,
    };
    session.turns.set(turn.id, turn);
    return turn;
  }

  async #put(session: SentSession): Promise<boolean> {
    const answer = await this.#api.call("PUT", `/sessions/${session.id}`, { agent: "demo" });
    const outcome = this.#outcome("creating a session", answer, [200, 201], session);
    if (outcome === "done") this.#ledger.counts.creates += 1;
    session.created = outcome;
    return outcome !== "lost";
  }

  async #rename(session: SentSession): Promise<boolean> {
    // One at a time: of two that overlap nobody knows the order.
    if (session.isRenaming) return true;
    session.isRenaming = true;
    const title = `title ${this.#random.int(0, 1_000_000_000)}`;
    session.titlesLost.push(title);
    const answer = await this.#api.call("PATCH", `/sessions/${session.id}`, { title });
    const outcome = this.#outcome("a new title", answer, [200], session);
    if (outcome === "done") {
      this.#ledger.counts.renames += 1;
      session.title = title;
      session.titlesLost = [];
    } else if (outcome === "no") session.titlesLost.pop();
    session.isRenaming = false;
    return outcome !== "lost";
  }

  async #remove(session: SentSession): Promise<boolean> {
    if (session.isKept) return true;
    session.deleted = "lost";
    const answer = await this.#api.call("DELETE", `/sessions/${session.id}`);
    const outcome = this.#outcome("deleting", answer, [204, 410], session);
    if (outcome === "done") this.#ledger.counts.deletes += 1;
    session.deleted = outcome;
    return outcome !== "lost";
  }

  async #stop(session: SentSession, turn: SentTurn): Promise<boolean> {
    const answer = await this.#api.call("POST", `/sessions/${session.id}/turns/${turn.id}/stop`);
    const outcome = this.#outcome("a stop", answer, [202], session);
    if (outcome === "done") this.#ledger.counts.stops += 1;
    if (turn.stopped !== "done") turn.stopped = outcome;
    return outcome !== "lost";
  }

  async #edit(session: SentSession, turn: SentTurn): Promise<boolean> {
    // As with titles.
    if (turn.editsLost.length > 0) return true;
    const text = `count ${this.#random.int(3, 20)} 2`;
    turn.editsLost.push(text);
    const answer = await this.#api.call("PATCH", `/sessions/${session.id}/turns/${turn.id}`, { text });
    const outcome = this.#outcome("an edit", answer, [200], session, [409]);
    if (outcome === "done") {
      this.#ledger.counts.edits += 1;
      turn.edited = text;
    }
    if (outcome !== "lost") turn.editsLost = [];
    return outcome !== "lost";
  }

  async #withdraw(session: SentSession, turn: SentTurn): Promise<boolean> {
    const answer = await this.#api.call("DELETE", `/sessions/${session.id}/turns/${turn.id}`);
    const outcome = this.#outcome("a withdrawal", answer, [204], session, [409]);
    if (outcome === "done") this.#ledger.counts.withdrawals += 1;
    if (turn.withdrawn !== "done")
      turn.withdrawn = outcome === "no" && turn.withdrawn === "lost" ? "lost" : outcome;
    return outcome !== "lost";
  }

  /** Goes on from a text that was cut short, where one is known. */
  #continue(session: SentSession): Promise<boolean> {
    const cut = [...session.turns.values()].filter(
      (turn) =>
        turn.hasEnded &&
        turn.stopped === "done" &&
        turn.text.startsWith("count") &&
        turn.continues === undefined,
    );
    const turn = this.#random.pick(cut);
    if (turn === undefined) return this.#rename(session);
    const next = this.#newTurn(session, "parallel", "", turn.id);
    return this.send(session, next).then((answered) => {
      // It may have been complete before the stop came: then there is nothing to go on from.
      if (next.sent === "refused") session.turns.delete(next.id);
      return answered;
    });
  }

  #outcome(
    what: string,
    answer: Answer,
    good: readonly number[],
    session: SentSession,
    alsoRefused: readonly number[] = [],
  ): Known {
    if (answer === "lost") {
      this.#ledger.counts.lost += 1;
      return "lost";
    }
    if (good.includes(answer.status)) return "done";
    const isGone = answer.status === 410 && session.deleted !== "no";
    const isNoneToContinue = answer.status === 400 && JSON.stringify(answer.body).includes('"continues"');
    if (
      !isGone &&
      !isNoneToContinue &&
      !this.#refusals.includes(answer.status) &&
      !alsoRefused.includes(answer.status)
    )
      this.#violations.push(
        `${what} was answered ${answer.status}: ${JSON.stringify(answer.body)?.slice(0, 300)}`,
      );
    return "no";
  }
}
