/** What a fault scenario drives: a browser of any engine. One implementation per engine; a scenario never knows which one it has. */

export const ENGINES = ["chromium", "firefox", "webkit"] as const;
export type EngineName = (typeof ENGINES)[number];

/** What not every engine can be made to do here. A scenario names what it needs; an engine says why it can't. */
export const ABILITIES = [
  /** `hide`, `show`: the page is really hidden, timers are throttled and frames stop. */
  "hide",
  /** `freeze`, `thaw`: the page lifecycle's frozen state, with its burst on the way back. */
  "freeze",
  /** `crash`: the renderer dies, the browser lives. */
  "crash",
  /** `kill`, `relaunch`: the whole browser dies and starts again on its profile. */
  "kill",
  /** `suspend`, `wake`: the processes of page and network are stopped as iOS stops an app. */
  "suspend",
  /** `setOffline`: `navigator.onLine` and its events. */
  "offline",
  /** `back`: the page comes out of the back-forward cache. */
  "bfcache",
  /** `setQuota`: IndexedDB refuses with QuotaExceededError. */
  "quota",
  /** `clearStorage`: the store is emptied, and its connection closed, under a running page. */
  "clear-storage",
  /** `loseStorage`: the IndexedDB server dies under a running page. */
  "lose-storage",
  /** `slowDown`: CPU throttled. */
  "slow-cpu",
  /** `setClock`: the page's wall clock jumps; timers keep their pace. */
  "clock",
] as const;
export type Ability = (typeof ABILITIES)[number];

export interface FaultBrowser {
  readonly engine: EngineName;
  /** Undefined: it can. Else why it can't, as a sentence for the table of the report. */
  whyNot(ability: Ability): string | undefined;
  /** A tab of the one profile that all tabs of this browser share. `init` is a script that runs before the page's own, on every load. */
  openTab(url: string, options?: { readonly init?: string }): Promise<FaultTab>;
  /** SIGKILL; all tabs are gone. */
  kill(): Promise<void>;
  /** Starts on the same profile; tabs are opened anew by the scenario. */
  relaunch(): Promise<void>;
  suspend(): Promise<void>;
  wake(): Promise<void>;
  close(): Promise<void>;
}

/** After a collection of garbage. */
export interface MemoryUse {
  /** Unit: bytes. */
  readonly heapBytes: number;
  readonly listeners: number;
  readonly nodes: number;
}

export interface FaultTab {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** History back, and waits for the page to be there. */
  back(): Promise<void>;
  close(): Promise<void>;
  /** Runs a function of the page's own world; arguments and answer are JSON. The function may be async and sees nothing of its closure. */
  evaluate<Arg, Value>(run: (arg: Arg) => Value | Promise<Value>, arg: Arg): Promise<Value>;
  /** Presses keys into the element, which is focused first. */
  type(selector: string, text: string): Promise<void>;
  click(selector: string): Promise<void>;
  hide(): Promise<void>;
  show(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  crash(): Promise<void>;
  setOffline(isOffline: boolean): Promise<void>;
  setQuota(bytes: number | undefined): Promise<void>;
  clearStorage(): Promise<void>;
  loseStorage(): Promise<void>;
  slowDown(factor: number): Promise<void>;
  /** Moves `Date` by so much against what it was. */
  setClock(offsetMs: number): Promise<void>;
  screenshot(path: string): Promise<void>;
  /** What the page holds; missing in an engine that can't tell. */
  measureMemory?(): Promise<MemoryUse>;
}
