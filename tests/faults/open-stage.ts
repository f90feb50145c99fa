import { Holdfast } from "../support/holdfast-process.ts";
import type { HttpGateway } from "../support/http-gateway.ts";
import { COUNT_REQUESTS } from "./app-page.ts";
import { DrivenTab } from "./app-tab.ts";
import { BrokenClaimError } from "./broken-claim-error.ts";
import type { FaultBrowser, FaultTab } from "./fault-browser.ts";
import type { AppTab, Stage } from "./stage.ts";
import { verifyStage, type StageRecord } from "./verify-stage.ts";

/** Short, so that a dead socket is noticed within a scenario's few seconds. Unit: ms. */
const HEARTBEAT_MS = 1_000;

const UNTIL_LIMIT_MS = 10_000;

/** How often `until` looks. Unit: ms. */
const LOOK_MS = 50;

/** A page that is frozen or dead answers no question. Unit: ms. */
const READ_LIMIT_MS = 2_000;

export interface RunningStage extends Stage {
  /** Figures for the report. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/** A server, gateway and proxy of its own, and so an origin of its own: no scenario sees another's storage. */
export async function openStage(
  browser: FaultBrowser,
  serverEnv: Readonly<Record<string, string>> = {},
): Promise<RunningStage> {
  const heartbeatMs = Number(serverEnv["HOLDFAST_HEARTBEAT_MS"] ?? HEARTBEAT_MS);
  const hasTls = serverEnv["HOLDFAST_TLS_CERT"] !== undefined;
  const password = serverEnv["HOLDFAST_PASSWORD"];
  const server = await Holdfast.start(
    { HOLDFAST_HEARTBEAT_MS: String(heartbeatMs), ...serverEnv },
    { hasGateway: !hasTls },
  );
  if (password !== undefined) await server.signIn(password);
  const url = hasTls ? server.url.replace("http:", "https:") : server.url;
  const notes: string[] = [];
  const opened: FaultTab[] = [];
  const record: StageRecord = { tabs: [], sent: new Map(), drafts: new Map() };

  async function until(
    what: string,
    check: () => boolean | Promise<boolean>,
    limitMs = UNTIL_LIMIT_MS,
  ): Promise<void> {
    const begunMs = performance.now();
    let failure: unknown;
    for (;;) {
      const leftMs = limitMs - (performance.now() - begunMs);
      if (leftMs <= 0) break;
      try {
        // oxlint-disable-next-line no-await-in-loop -- looks again and again, one look after the other
        if (await within(Math.max(leftMs, LOOK_MS), Promise.resolve(check()), false)) return;
        failure = undefined;
      } catch (error) {
        if (error instanceof BrokenClaimError)
          throw new Error(`${error.message}\n${await describe()}`, { cause: error });
        // A page in the middle of a navigation can't be read; told if it stays that way.
        failure = error;
      }
      // oxlint-disable-next-line no-await-in-loop -- as above
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    const cause = failure instanceof Error ? `\nThe last look failed: ${failure.message}` : "";
    throw new Error(`Not within ${limitMs} ms: ${what}.${cause}\n${await describe()}`);
  }

  async function describe(): Promise<string> {
    const states = await Promise.all(
      record.tabs.map(async (tab, index) => {
        const state = await within(READ_LIMIT_MS, tab.read(), "no answer").catch((error: unknown) =>
          String(error),
        );
        return `Tab ${index + 1}: ${JSON.stringify(state, undefined, 1)}`;
      }),
    );
    const requests = server.gateway?.requests.slice(-20) ?? [];
    const lines = requests.map(
      ({ atMs, method, path, status }) => `${Math.round(atMs)} ${method} ${path} ${status ?? "-"}`,
    );
    return [...states, `Last requests at ${Math.round(performance.now())}:`, ...lines].join("\n");
  }

  async function open(path = "/", options: { readonly init?: string } = {}): Promise<AppTab> {
    const init = `${COUNT_REQUESTS}\n${options.init ?? ""}`;
    const faultTab = await browser.openTab(`${url}${path}`, { init });
    opened.push(faultTab);
    const followed = follow(faultTab, (key) => {
      const isEnd = key === "close" || key === "crash";
      const others = record.tabs.filter((each) => each !== tab);
      record.tabs = isEnd ? others : [...others, tab];
    });
    const tab: DrivenTab = new DrivenTab(followed, until, {
      sent: (session, text) => record.sent.set(session, [...(record.sent.get(session) ?? []), text]),
      drafted: (place, text, by) => record.drafts.set(place, { text, by }),
      cleared: (place) => record.drafts.delete(place),
    });
    record.tabs = [...record.tabs, tab];
    await until("the app, or the sign-in page", async () => {
      const page = await tab.read();
      return page.composer !== undefined || (password !== undefined && page.page === "sign-in");
    });
    if ((await tab.read()).page === "sign-in" && password !== undefined) {
      await tab.tab.type("#password", password);
      await tab.tab.click('button[type="submit"]');
      await until("the composer after signing in", async () => (await tab.read()).composer !== undefined);
    }
    return tab;
  }

  return {
    browser: follow(browser, (key) => {
      if (key === "kill") record.tabs = [];
    }),
    server,
    proxy: server.proxy,
    get gateway(): HttpGateway {
      if (server.gateway === undefined) throw new Error("A server with TLS has no gateway in front.");
      return server.gateway;
    },
    url,
    heartbeatMs,
    open,
    until,
    notes,
    note: (figure) => void notes.push(figure),
    verify: () => verifyStage(server, browser, record, until),
    async close() {
      await Promise.all(
        opened.map((tab) => within(READ_LIMIT_MS, tab.close(), undefined).catch(() => undefined)),
      );
      await server.stop();
    },
  };
}

/** The calls after which a tab is there no more, or there again. */
const TURNING_POINTS: ReadonlySet<unknown> = new Set<keyof FaultTab | keyof FaultBrowser>([
  "close",
  "crash",
  "kill",
  "goto",
  "reload",
]);

/** The same object, its calls told: `verify` looks at the tabs that are there. */
function follow<Target extends object>(target: Target, onCall: (key: string | symbol) => void): Target {
  return new Proxy(target, {
    get(of, key) {
      const value: unknown = Reflect.get(of, key);
      if (typeof value !== "function") return value;
      return (...args: readonly unknown[]): unknown => {
        if (TURNING_POINTS.has(key)) onCall(key);
        // On the object itself: a proxy has none of its private fields.
        return Reflect.apply(value, of, args);
      };
    },
  });
}

/** `otherwise` when `promise` takes longer. A late failure is nobody's any more. */
async function within<Value>(
  limitMs: number,
  promise: Promise<Value>,
  otherwise: Value | string,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  promise.catch(() => undefined);
  const late = new Promise<Value>((resolve) => {
    timer = setTimeout(() => resolve(otherwise as Value), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
