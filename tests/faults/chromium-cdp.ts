/** What a CDP command answers, by the field names of the protocol. Read by tests only. */
export type CdpFields = Readonly<Record<string, unknown>>;

interface Pending {
  readonly method: string;
  readonly resolve: (result: CdpFields) => void;
  readonly reject: (error: Error) => void;
}

type Listener = (params: CdpFields) => void;

/** A command that is not answered by then is given up, so that a test ends with its name. Unit: ms. */
const ANSWER_LIMIT_MS = 30_000;

/**
 * The Chrome DevTools Protocol over one socket, with flat sessions. Node's own WebSocket and no library: one that
 * knows pages (Playwright, Puppeteer) emulates focus, and a page that it drives is never really hidden.
 */
export class ChromiumCdp {
  #socket: WebSocket;
  #lastId = 0;
  #pending = new Map<number, Pending>();
  /** By session and event name. */
  #listeners = new Map<string, Set<Listener>>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", (event) => this.#receive(String(event.data)));
    socket.addEventListener("close", () => this.#end());
  }

  static async connect(url: string): Promise<ChromiumCdp> {
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve(), { once: true });
      socket.addEventListener("error", () => reject(new Error(`No DevTools socket at ${url}.`)), {
        once: true,
      });
    });
    return new ChromiumCdp(socket);
  }

  /** Rejects with what the browser says is wrong, when the browser goes, and after 30 s without an answer. */
  send(method: string, params: CdpFields = {}, session?: string): Promise<CdpFields> {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      return Promise.reject(new Error(`${method}: the browser is gone.`));
    }
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<CdpFields>();
    const timer = setTimeout(() => {
      this.#pending.delete(id);
      reject(new Error(`${method}: no answer within ${ANSWER_LIMIT_MS / 1000} s.`));
    }, ANSWER_LIMIT_MS);
    this.#pending.set(id, {
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
    this.#socket.send(JSON.stringify({ id, method, params, sessionId: session }));
    return promise;
  }

  /** Answers how to stop listening. Without a session: the browser's own events. */
  on(event: string, listener: Listener, session?: string): () => void {
    const key = keyOf(event, session);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** The next such event. Subscribe before what causes it. Rejects after 30 s. */
  next(event: string, session?: string): Promise<CdpFields> {
    const { promise, resolve, reject } = Promise.withResolvers<CdpFields>();
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`No ${event} within ${ANSWER_LIMIT_MS / 1000} s.`));
    }, ANSWER_LIMIT_MS);
    const stop = this.on(
      event,
      (params) => {
        clearTimeout(timer);
        stop();
        resolve(params);
      },
      session,
    );
    // Its user may have failed before it awaits this one.
    promise.catch(() => undefined);
    return promise;
  }

  close(): void {
    this.#socket.close();
    this.#end();
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as {
      readonly id?: number;
      readonly method?: string;
      readonly params?: CdpFields;
      readonly sessionId?: string;
      readonly result?: CdpFields;
      readonly error?: { readonly message: string };
    };
    if (message.id === undefined) {
      const listeners = this.#listeners.get(keyOf(message.method ?? "", message.sessionId));
      for (const listener of listeners ?? []) listener(message.params ?? {});
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.error === undefined) pending?.resolve(message.result ?? {});
    else pending?.reject(new Error(`${pending.method}: ${message.error.message}`));
  }

  #end(): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const command of pending) command.reject(new Error(`${command.method}: the browser is gone.`));
  }
}

function keyOf(event: string, session: string | undefined): string {
  return `${session ?? ""} ${event}`;
}

/** A field that must be a text. */
export function textField(fields: CdpFields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw new Error(`CDP answered without the text "${name}".`);
  return value;
}
