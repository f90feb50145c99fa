import type { ChaosProxy } from "../support/chaos-proxy.ts";
import type { Holdfast } from "../support/holdfast-process.ts";
import type { HttpGateway } from "../support/http-gateway.ts";
import type { FaultBrowser, FaultTab } from "./fault-browser.ts";

/** browser → proxy (breaks TCP) → gateway (breaks HTTP) → the real server, as a process of its own. */
export interface Stage {
  readonly browser: FaultBrowser;
  readonly server: Holdfast;
  readonly proxy: ChaosProxy;
  readonly gateway: HttpGateway;
  /** The address a browser opens, through proxy and gateway. */
  readonly url: string;
  /** The heartbeat that the server was started with. Unit: ms. */
  readonly heartbeatMs: number;
  /** Opens the app in a tab; `path` defaults to "/". Waits until the composer is there. */
  open(path?: string, options?: { readonly init?: string }): Promise<AppTab>;
  /** Waits until `check` answers true; fails with `what` and the page's state after `limitMs` (default 10 s), and at once where `expectThat` in it does not hold. No sleeping elsewhere. */
  until(what: string, check: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>;
  /** Keeps a figure for the report ("longest task 62 ms"). Missing in a runner that keeps none. */
  note?(figure: string): void;
  /** The invariant of all scenarios; the runner calls it at the end, a scenario may in between. */
  verify(): Promise<void>;
}

/** The app in one tab, as its user sees it. */
export interface AppTab {
  readonly tab: FaultTab;
  /** Begins a session with a first message; answers the session's id. */
  begin(text: string): Promise<string>;
  /** Types into the composer and sends; counted by `verify` as one turn of the session. */
  send(text: string): Promise<void>;
  /** Types without sending; `verify` expects it in the composer unless it was sent or cleared. */
  draft(text: string): Promise<void>;
  switchTo(session: string): Promise<void>;
  /** The texts of the answers, in order. */
  answers(): Promise<readonly string[]>;
  /** The texts of the person's messages, in order, those waiting to be sent included. */
  messages(): Promise<readonly string[]>;
  composerText(): Promise<string>;
  /** What the connection indicator says. */
  connection(): Promise<string>;
  /** Notices and toasts in sight. */
  notices(): Promise<readonly string[]>;
  /** Open event sources, counted from outside the product. */
  openSources(): Promise<number>;
}
