import type { ApiFailure, Disposer } from "../streaming/ports.ts";
import type { Result } from "../protocol/result.ts";
import type { AppContext } from "./app-context.ts";
import { AGENTS_RETRY_MS } from "./delays-and-limits.ts";
import { failureWords } from "./failure-words.ts";
import { AgentIdSchema } from "../protocol/ids.ts";
import { AgentListSchema } from "../protocol/agents.ts";
import { parse } from "../protocol/parse.ts";

/** Who is signed in, and what the server has to offer: asked at start, after signing in, and on return. */
export interface SignIn {
  /** Looks at every answer on its way: a 401 anywhere pauses everything. Answers it unchanged. */
  watch<Value>(answer: Result<Value, ApiFailure>): Result<Value, ApiFailure>;
  setSignedOut(isSignedOut: boolean): void;
  /** Answers what went wrong, in words. */
  signIn(password: string): Promise<string | undefined>;
  signOut(isWiping: boolean): Promise<string | undefined>;
  askServer(): Promise<void>;
  dispose(): void;
}

export function createSignIn(context: AppContext): SignIn {
  const { engine, state } = context;
  const { ports, settings } = context.environment;
  let stopRetry: Disposer = () => undefined;
  let isDisposed = false;
  /** Questions asked so far. */
  let asks = 0;

  const cached = parse(AgentListSchema, settings.read("agents"));
  const lastUsed = parse(AgentIdSchema, settings.read("lastAgent"));
  state.agents.setLastUsed(lastUsed.ok ? lastUsed.value : undefined);
  if (cached.ok) state.agents.setAgents(cached.value);

  function setSignedOut(isSignedOut: boolean): void {
    if (state.connection.isSignedOut.peek() === isSignedOut) return;
    state.connection.setFacts({ isSignedOut });
    engine.core.setSignedOut(isSignedOut);
    engine.poller.setSignedOut(isSignedOut);
    engine.outbox.setPaused("signed-out", isSignedOut);
    state.shell.setSignInOpen(isSignedOut);
    if (isSignedOut) state.shell.setHasSignOut(true);
  }

  function watch<Value>(answer: Result<Value, ApiFailure>): Result<Value, ApiFailure> {
    if (answer.ok) return answer;
    if (answer.error.kind === "signed-out") setSignedOut(true);
    if (answer.error.kind === "update-needed") sayUpdateNeeded();
    return answer;
  }

  function sayUpdateNeeded(): void {
    state.connection.setFacts({ isUpdateNeeded: true });
    state.shell.addNotice({
      id: "update-needed",
      text: "This page and the server speak different versions. Reload to go on; nothing written is lost.",
      action: "reload",
    });
  }

  function goOn(): void {
    setSignedOut(false);
    engine.outbox.resume();
    engine.poller.refresh();
  }

  function isAway(): boolean {
    return ports.page.isHidden() || !ports.page.isOnline();
  }

  async function askServer(): Promise<void> {
    stopRetry();
    // S5: hidden or offline nothing is asked; the return asks.
    if (isAway()) return;
    const wasSignedOut = state.connection.isSignedOut.peek();
    asks += 1;
    const asked = asks;
    const health = watch(await context.environment.health());
    // A later question has its own way to go on; two that fail side by side would ask twice as often for ever.
    if (isDisposed || asked !== asks) return;
    if (health.ok) {
      state.shell.setHasSignOut(health.value.auth === "signed-in" || health.value.auth === "signed-out");
      if (health.value.auth === "signed-out") {
        setSignedOut(true);
        return;
      }
      // Signed in from another tab: the cookie is this one's too.
      if (wasSignedOut && state.connection.isSignedOut.peek()) goOn();
    }
    // Hidden while the first question was on its way.
    if (isAway()) return;
    const agents = watch(await ports.api.agents());
    if (isDisposed || asked !== asks) return;
    if (agents.ok) {
      state.agents.setAgents(agents.value);
      settings.write("agents", agents.value);
      return;
    }
    if (agents.error.kind === "signed-out") return;
    stopRetry = ports.clock.setTimer(AGENTS_RETRY_MS, () => void askServer());
  }

  return {
    watch,
    setSignedOut,
    askServer,
    async signIn(password) {
      const answer = await ports.api.signIn(password);
      if (!answer.ok) {
        return answer.error.kind === "signed-out" ? "That is not the password." : failureWords(answer.error);
      }
      goOn();
      void askServer();
      return undefined;
    },
    async signOut(isWiping) {
      const answer = await ports.api.signOut();
      if (!answer.ok && answer.error.kind !== "signed-out") return failureWords(answer.error);
      setSignedOut(true);
      if (isWiping) {
        await context.environment.wipe();
        context.environment.reload();
      }
      return undefined;
    },
    dispose() {
      isDisposed = true;
      stopRetry();
    },
  };
}
