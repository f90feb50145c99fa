import { MAX_BODY_BYTES } from "../src/protocol/limits.ts";

/** Limits of this end of the wire: each with its unit and its reason. What both ends rely on is in src/protocol/limits.ts. */
export interface ServerLimits {
  /** Largest request body. Unit: bytes. The wire's own limit; a larger one is answered with 413 before it is read. */
  readonly maxBodyBytes: number;
  /** Streams open at once. A stream costs about 15 KB, so this bounds them to some 75 MB. */
  readonly maxStreams: number;
  /** Streams of one sign-in, or of one address without one: a page gone wild leaves room for everybody else. */
  readonly maxStreamsPerClient: number;
  /** How long a refused stream should wait. Unit: ms. Long enough that a full server is not kept busy with refusing. */
  readonly refusedStreamRetryMs: number;
  /** Sessions that may exist: the list of all is kept in memory, about 1 KB each. */
  readonly maxSessions: number;
  /** How long a client may take for its request's headers. Unit: ms. Ends slow-loris; says nothing about answers. */
  readonly headersTimeoutMs: number;
  /** How long a client may take for a whole request, body included. Unit: ms. 8 MiB over a bad mobile link. A stream's request is over at once, so it is never cut by this. */
  readonly requestTimeoutMs: number;
  /** How long an ended stream may take to deliver what was written. Unit: ms. */
  readonly lingerMs: number;
  /** How long a shutdown waits for answers in flight before it cuts them. Unit: ms. Well below the 10 s that supervisors give. */
  readonly shutdownGraceMs: number;
  /** What a `bye draining` tells clients to wait. Unit: ms. A restart takes about a second. */
  readonly drainRetryMs: number;
  /** Wrong passwords of one address within `attemptWindowMs`. A person mistypes a few times; a guesser gets 40 an hour. */
  readonly maxAttemptsPerAddress: number;
  /** Wrong passwords of all addresses within `attemptWindowMs`. Each try costs 32 MB and 50 ms of scrypt. */
  readonly maxAttempts: number;
  /** Unit: ms. */
  readonly attemptWindowMs: number;
  /** Sign-ins kept; the one used longest ago makes room. */
  readonly maxSignIns: number;
  /** A sign-in unused for this long is over. Unit: ms. */
  readonly signInLifetimeMs: number;
  /** How often sign-ins that have run out are looked for, to end their streams. Unit: ms. */
  readonly signInSweepMs: number;
  /** JSON below this is sent uncompressed. Unit: bytes. It fits a packet anyway. */
  readonly minCompressedBytes: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export const DEFAULT_LIMITS: ServerLimits = {
  maxBodyBytes: MAX_BODY_BYTES,
  maxStreams: 5_000,
  maxStreamsPerClient: 2_000,
  refusedStreamRetryMs: 10_000,
  maxSessions: 10_000,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 2 * MINUTE_MS,
  lingerMs: 5_000,
  shutdownGraceMs: 4_000,
  drainRetryMs: 1_000,
  maxAttemptsPerAddress: 10,
  maxAttempts: 60,
  attemptWindowMs: 15 * MINUTE_MS,
  maxSignIns: 1_000,
  signInLifetimeMs: 30 * DAY_MS,
  signInSweepMs: 10 * MINUTE_MS,
  minCompressedBytes: 1_400,
};
