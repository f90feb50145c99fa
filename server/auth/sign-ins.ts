import { createHash, randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Disposer, Reporter } from "../../src/backend/ports.ts";
import { StartError } from "../start-error.ts";
import { storeTrouble } from "../store/sqlite-errors.ts";
import { hashPassword, isPassword } from "./password.ts";

/** One browser that has given the password. */
export interface SignIn {
  /** The hash of its token: names it without being a secret. */
  readonly id: string;
  readonly createdAt: number;
  /** Unit: ms since 1970. */
  usedAt: number;
}

export interface SignIns {
  /** A new sign-in; `token` is given to the browser and kept nowhere else. */
  create(): { readonly signIn: SignIn; readonly token: string };
  /** The sign-in of a token, unless it has ended or run out. `isRenewed`: its cookie should be sent again. */
  find(token: string): { readonly signIn: SignIn; readonly isRenewed: boolean } | undefined;
  /** Ends that sign-in and runs what waits for its end, whatever the disk says. Idempotent. */
  end(signIn: SignIn): void;
  /** Ends every sign-in that has run out, so that what waits for their end need not wait for their next request. */
  endExpired(): void;
  /** Runs `run` when that sign-in ends; at once if it has. */
  onEnd(signIn: SignIn, run: () => void): Disposer;
  isPassword(candidate: string): Promise<boolean>;
}

export interface SignInOptions {
  readonly database: DatabaseSync;
  readonly password: string;
  readonly now: () => number;
  readonly lifetimeMs: number;
  readonly maxSignIns: number;
  readonly reporter: Reporter;
}

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const PASSWORD_KEY = "password";
/** How far a sign-in slides before the new time is written down. Unit: ms. */
const RENEW_AFTER_MS = 24 * 60 * 60_000;

/**
 * Sign-ins outlive a restart; a changed password ends them all. What can't be written down (a full disk) counts
 * all the same for as long as the process lives: nobody is locked out, and who has signed out stays so.
 * @throws {StartError} when a new password can't be written down
 */
export async function openSignIns(options: SignInOptions): Promise<SignIns> {
  const { database, now, lifetimeMs } = options;
  const sql = {
    readMeta: database.prepare("SELECT value FROM meta WHERE key = ?"),
    writeMeta: database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)"),
    all: database.prepare("SELECT token_hash, created_at, used_at FROM sign_in ORDER BY used_at"),
    insert: database.prepare(
      "INSERT OR REPLACE INTO sign_in (token_hash, created_at, used_at) VALUES (?, ?, ?)",
    ),
    remove: database.prepare("DELETE FROM sign_in WHERE token_hash = ?"),
    clear: database.prepare("DELETE FROM sign_in"),
  };

  let passwordHash = String(sql.readMeta.get(PASSWORD_KEY)?.["value"] ?? "");
  if (passwordHash === "" || !(await isPassword(options.password, passwordHash))) {
    passwordHash = await hashPassword(options.password);
    try {
      sql.clear.run();
      sql.writeMeta.run(PASSWORD_KEY, passwordHash);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const todo = storeTrouble(cause) === "busy" ? "Close the other program" : "Free some space";
      throw new StartError(
        `HOLDFAST_PASSWORD can't be written to the database (${why}). ${todo} and start again.`,
        { cause },
      );
    }
  }

  // Least recently used first, as a Map keeps them.
  const known = new Map<string, SignIn>();
  for (const row of sql.all.all()) {
    const id = String(row["token_hash"]);
    known.set(id, { id, createdAt: Number(row["created_at"]), usedAt: Number(row["used_at"]) });
  }
  const waiting = new Map<string, Set<() => void>>();

  /** What is on the disk is not as it is here: written down with the next sign-in that can be, or at the next sweep. */
  const unwritten = new Set<string>();

  function writeDown(id: string): void {
    unwritten.add(id);
    catchUp();
  }

  function catchUp(): void {
    // While the server shuts down the database may be closed.
    if (!database.isOpen) return;
    try {
      for (const id of unwritten) {
        const signIn = known.get(id);
        if (signIn === undefined) sql.remove.run(id);
        else sql.insert.run(id, signIn.createdAt, signIn.usedAt);
        unwritten.delete(id);
      }
    } catch (cause) {
      options.reporter.warn(
        "A sign-in could not be written down; it is as it should be until a restart.",
        cause,
      );
    }
  }

  function end(signIn: SignIn): void {
    if (!known.delete(signIn.id)) return;
    writeDown(signIn.id);
    const runs = waiting.get(signIn.id) ?? new Set();
    waiting.delete(signIn.id);
    for (const run of runs) run();
  }

  function use(signIn: SignIn, time: number): void {
    signIn.usedAt = time;
    known.delete(signIn.id);
    known.set(signIn.id, signIn);
    writeDown(signIn.id);
  }

  return {
    create() {
      for (const oldest of known.values()) {
        if (known.size < options.maxSignIns) break;
        end(oldest);
      }
      const token = randomBytes(TOKEN_BYTES).toString("base64url");
      const time = now();
      const signIn: SignIn = { id: hashToken(token), createdAt: time, usedAt: time };
      known.set(signIn.id, signIn);
      writeDown(signIn.id);
      return { signIn, token };
    },

    find(token) {
      if (!TOKEN.test(token)) return undefined;
      // Looked up by hash: what a timing could tell is of the hash, not of the token.
      const signIn = known.get(hashToken(token));
      if (signIn === undefined) return undefined;
      const time = now();
      const idleMs = time - signIn.usedAt;
      if (idleMs >= lifetimeMs) {
        end(signIn);
        return undefined;
      }
      // Also where the clock was set back: a time of last use that lies ahead must not keep a sign-in for years.
      const isRenewed = Math.abs(idleMs) >= RENEW_AFTER_MS && database.isOpen;
      if (isRenewed) use(signIn, time);
      return { signIn, isRenewed };
    },

    endExpired() {
      catchUp();
      const time = now();
      for (const signIn of known.values()) {
        if (time - signIn.usedAt >= lifetimeMs) end(signIn);
        else if (signIn.usedAt - time >= RENEW_AFTER_MS) use(signIn, time);
      }
    },

    end,

    onEnd(signIn, run) {
      if (!known.has(signIn.id)) {
        run();
        return () => {};
      }
      const runs = waiting.get(signIn.id) ?? new Set();
      waiting.set(signIn.id, runs);
      runs.add(run);
      return () => {
        runs.delete(run);
        if (runs.size === 0 && waiting.get(signIn.id) === runs) waiting.delete(signIn.id);
      };
    },

    isPassword: (candidate) => isPassword(candidate, passwordHash),
  };
}

function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
