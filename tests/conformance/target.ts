/**
 * A backend as the suite sees it: something that answers HTTP. Everything optional is a thing that only the one
 * who runs the backend can do; the rules that need it do not apply where it is missing.
 */
export interface ConformanceTarget {
  readonly name: string;
  /** Origin, without a slash at the end. */
  readonly baseUrl: string;
  fetch(request: Request): Promise<Response>;
  /** How often its streams are pinged. Unit: ms. */
  readonly heartbeatMs: number;
  /** Largest body it reads. Unit: bytes. */
  readonly maxBodyBytes: number;
  /** The agent that fulfils the contract of test-agent.ts. */
  readonly agent: string;
  /** How long a stream may keep a test waiting, beside five heartbeats. Unit: ms. Default: 20,000, and longer while the log goes on. */
  readonly patienceMs?: number;
  /** Ends it without warning, as a power cut does, and starts it again on the same data. Resolves when it answers. */
  crash?(): Promise<void>;
  /** Ends it as planned and starts it again on the same data. Resolves when it answers. */
  restart?(): Promise<void>;
  /** Takes a backup of what is there, lets `meanwhile` happen, restores the backup and starts again. */
  restoreBackup?(meanwhile: () => Promise<void>): Promise<void>;
  /** The password that its sign-in takes; without, it asks for none. `fetch` may be signed in already. */
  readonly password?: string;
  close(): Promise<void>;
}

export interface TargetOptions {
  /** A target with a password, and a `fetch` that is not signed in. */
  readonly isSignedOut?: true;
}

/** Makes a fresh, empty backend, or one that no other test uses meanwhile. Undefined where it can't be made with these options. */
export type MakeTarget = (options?: TargetOptions) => Promise<ConformanceTarget | undefined>;
