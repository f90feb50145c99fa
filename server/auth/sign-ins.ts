import { createHash, randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Disposer } from "../../src/backend/ports.ts";
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
  /** Ends that sign-in and runs what waits for its end. Idempotent. */
  end(signIn: SignIn): void;
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
}

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const PASSWORD_KEY = "password";
/** How far a sign-in slides before the new time is written down. Unit: ms. */
const RENEW_AFTER_MS = 24 * 60 * 60_000;

/** Sign-ins outlive a restart; a changed password ends them all. */
export async function openSignIns(options: SignInOptions): Promise<SignIns> {
  const { database, now, lifetimeMs } = options;
  const sql = {
    readMeta: database.prepare("SELECT value FROM meta WHERE key = ?"),
    writeMeta: database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)"),
    all: database.prepare("SELECT token_hash, created_at, used_at FROM sign_in ORDER BY used_at"),
    insert: database.prepare("INSERT INTO sign_in (token_hash, created_at, used_at) VALUES (?, ?, ?)"),
    use: database.prepare("UPDATE sign_in SET used_at = ? WHERE token_hash = ?"),
    remove: database.prepare("DELETE FROM sign_in WHERE token_hash = ?"),
    clear: database.prepare("DELETE FROM sign_in"),
  };

  let passwordHash = String(sql.readMeta.get(PASSWORD_KEY)?.["value"] ?? "");
  if (passwordHash === "" || !(await isPassword(options.password, passwordHash))) {
    passwordHash = await hashPassword(options.password);
    sql.clear.run();
    sql.writeMeta.run(PASSWORD_KEY, passwordHash);
  }

  // Least recently used first, as a Map keeps them.
  const known = new Map<string, SignIn>();
  for (const row of sql.all.all()) {
    const id = String(row["token_hash"]);
    known.set(id, { id, createdAt: Number(row["created_at"]), usedAt: Number(row["used_at"]) });
  }
  const waiting = new Map<string, Set<() => void>>();

  function end(signIn: SignIn): void {
    if (!known.delete(signIn.id)) return;
    // While the server shuts down the database may be closed; the sign-in then ends with its time.
    if (database.isOpen) sql.remove.run(signIn.id);
    const runs = waiting.get(signIn.id) ?? new Set();
    waiting.delete(signIn.id);
    for (const run of runs) run();
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
      sql.insert.run(signIn.id, time, time);
      known.set(signIn.id, signIn);
      return { signIn, token };
    },

    find(token) {
      if (!TOKEN.test(token)) return undefined;
      // Looked up by hash: what a timing could tell is of the hash, not of the token.
      const signIn = known.get(hashToken(token));
      if (signIn === undefined) return undefined;
      const idleMs = now() - signIn.usedAt;
      if (idleMs >= lifetimeMs) {
        end(signIn);
        return undefined;
      }
      const isRenewed = idleMs >= RENEW_AFTER_MS;
      if (isRenewed && database.isOpen) {
        signIn.usedAt = now();
        sql.use.run(signIn.usedAt, signIn.id);
        known.delete(signIn.id);
        known.set(signIn.id, signIn);
      }
      return { signIn, isRenewed };
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
