import { PageGoneError, unlessGone } from "./page-gone-error.ts";
/** What a command of the inspector answers, by the field names of WebKit's protocol. Read by tests only. */
export type InspectorFields = Readonly<Record<string, unknown>>;

interface Pending {
  readonly target: string;
  readonly method: string;
  resolve(result: InspectorFields): void;
  reject(error: Error): void;
}

interface InspectorMessage {
  readonly id?: number;
  readonly method?: string;
  readonly params?: InspectorFields;
  readonly result?: InspectorFields;
  readonly error?: { readonly message: string };
}

/** A command that is not answered by then is given up, so that a test ends with its name. Unit: ms. */
const ANSWER_LIMIT_MS = 30_000;

/** What it says of an object of a document that has been left meanwhile. */
const OTHER_DOCUMENT = /^Missing injected script/;

/** The paths of the sockets of all pages that a browser shows now, oldest first. */
export async function listPages(port: number): Promise<readonly string[]> {
  const response = await fetch(`http://127.0.0.1:${port}/`);
  const html = await response.text();
  return [...html.matchAll(/socket\/\d+\/\d+\/WebPage/g)].map(([path]) => path);
}

/**
 * WebKit's remote inspector for one page, over the socket that `WEBKIT_INSPECTOR_HTTP_SERVER` opens. A page's process
 * changes at navigations between origins and after a crash; each process is a target, and commands are wrapped for it.
 */
export class WebKitInspector {
  #socket: WebSocket;
  #prepare: (send: WebKitInspector["send"]) => Promise<unknown>;
  #lastId = 0;
  #pending = new Map<number, Pending>();
  #target = "";
  readonly #isReady = Promise.withResolvers<void>();

  private constructor(socket: WebSocket, prepare: (send: WebKitInspector["send"]) => Promise<unknown>) {
    this.#socket = socket;
    this.#prepare = prepare;
    socket.addEventListener("message", (event) => this.#receive(String(event.data)));
    socket.addEventListener("close", () => this.#end(() => true, "the browser is gone"));
  }

  /** `prepare` runs for every process that the page gets, before anything of the page runs in it. */
  static async connect(
    url: string,
    prepare: (send: WebKitInspector["send"]) => Promise<unknown>,
  ): Promise<WebKitInspector> {
    const socket = new WebSocket(url);
    const inspector = new WebKitInspector(socket, prepare);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve(), { once: true });
      socket.addEventListener("error", () => reject(new Error(`No inspector at ${url}.`)), { once: true });
    });
    await inspector.#isReady.promise;
    return inspector;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Rejects with what the browser says is wrong, with a {@link PageGoneError}, and after 30 s without an answer. */
  send(method: string, params: InspectorFields = {}): Promise<InspectorFields> {
    return this.#sendTo(this.#target, method, params);
  }

  /** From now on a process that the page gets waits until it is prepared. Until then one that is starting may be hung by it. */
  holdNewProcesses(): void {
    this.#post("Target.setPauseOnStart", { pauseOnStart: true });
  }

  close(): void {
    this.#socket.close();
    this.#end(() => true, "closed");
  }

  #post(method: string, params: InspectorFields): number {
    this.#lastId += 1;
    this.#socket.send(JSON.stringify({ id: this.#lastId, method, params }));
    return this.#lastId;
  }

  #sendTo(targetId: string, method: string, params: InspectorFields = {}): Promise<InspectorFields> {
    if (!this.isOpen) return Promise.reject(new PageGoneError(`${method}: the browser is gone.`));
    const { promise, resolve, reject } = Promise.withResolvers<InspectorFields>();
    const id = this.#lastId + 1;
    const timer = setTimeout(() => {
      this.#pending.delete(id);
      reject(new Error(`${method}: no answer within ${ANSWER_LIMIT_MS / 1000} s.`));
    }, ANSWER_LIMIT_MS);
    this.#pending.set(id, {
      target: targetId,
      method,
      resolve(result) {
        clearTimeout(timer);
        resolve(result);
      },
      reject(error) {
        clearTimeout(timer);
        reject(error);
      },
    });
    // The wrapped command has the number of the wrapper: one list for both.
    this.#post("Target.sendMessageToTarget", { targetId, message: JSON.stringify({ id, method, params }) });
    return promise;
  }

  #receive(text: string): void {
    const { id, method, params = {}, error } = JSON.parse(text) as InspectorMessage;
    switch (method) {
      case "Target.targetCreated":
        void this.#meet(params["targetInfo"] as TargetInfo);
        break;
      case "Target.didCommitProvisionalTarget":
        this.#target = String(params["newTargetId"]);
        break;
      case "Target.targetDestroyed":
        this.#end((target) => target === params["targetId"], "the page went");
        break;
      case "Target.dispatchMessageFromTarget":
        this.#settle(JSON.parse(String(params["message"])) as InspectorMessage);
        break;
      case undefined:
      default:
        // Of a wrapper only the failure counts: its answer comes by itself.
        if (id !== undefined && error !== undefined) this.#settle({ id, error });
    }
  }

  async #meet(info: TargetInfo): Promise<void> {
    if (info.type !== "page") return;
    if (info.isProvisional !== true) this.#target = info.targetId;
    // A navigation that came to nothing takes its process with it.
    await unlessGone(this.#prepare((method, params) => this.#sendTo(info.targetId, method, params)));
    if (info.isPaused === true) this.#post("Target.resume", { targetId: info.targetId });
    this.#isReady.resolve();
  }

  #settle(message: InspectorMessage): void {
    if (message.id === undefined) return;
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.error === undefined) pending?.resolve(message.result ?? {});
    else if (OTHER_DOCUMENT.test(message.error.message))
      pending?.reject(new PageGoneError(`${pending.method}: another document came.`));
    else pending?.reject(new Error(`${pending.method}: ${message.error.message}`));
  }

  #end(isAffected: (target: string) => boolean, why: string): void {
    for (const [id, pending] of this.#pending) {
      if (!isAffected(pending.target)) continue;
      this.#pending.delete(id);
      pending.reject(new PageGoneError(`${pending.method}: ${why}.`));
    }
  }
}

interface TargetInfo {
  readonly targetId: string;
  readonly type: string;
  readonly isProvisional?: boolean;
  readonly isPaused?: boolean;
}
