/** How many tries there are, per address and of all together, within `windowMs`. */
export interface AttemptLimits {
  readonly maxPerAddress: number;
  readonly max: number;
  readonly windowMs: number;
}

type Attempt =
  | { readonly kind: "allowed"; succeeded(): void }
  | { readonly kind: "refused"; readonly retryMs: number };

export interface AttemptLimiter {
  /**
   * Takes a place at once, before the password is looked at, so that many tries at the same time can't slip through.
   * `succeeded` gives back all places of the address: only failures count. From then on the address has its own places
   * whatever others do: who guesses from many addresses must not lock out those who know the password.
   */
  begin(address: string): Attempt;
}

/** Addresses from which somebody knew the password; the one that did longest ago makes room. */
const MAX_TRUSTED = 256;

/** In memory: a restart forgets, which a guesser can't cause. Memory is bounded by `max` entries and those of trusted addresses. */
export function createAttemptLimiter(limits: AttemptLimits, now: () => number): AttemptLimiter {
  let attempts: { readonly at: number; readonly client: string }[] = [];
  const trusted = new Set<string>();

  return {
    begin(address) {
      const client = clientOf(address);
      const time = now();
      // A clock set back must not lock anybody out for longer than the window.
      attempts = attempts.filter((attempt) => time - attempt.at < limits.windowMs && attempt.at <= time);
      const own = attempts.filter((attempt) => attempt.client === client);
      const isFull = attempts.length >= limits.max && !trusted.has(client);
      const oldest = own.length >= limits.maxPerAddress ? own[0] : isFull ? attempts[0] : undefined;
      if (oldest !== undefined) return { kind: "refused", retryMs: oldest.at + limits.windowMs - time };
      attempts.push({ at: time, client });
      return {
        kind: "allowed",
        succeeded() {
          attempts = attempts.filter((attempt) => attempt.client !== client);
          trusted.delete(client);
          trusted.add(client);
          for (const longestAgo of trusted) {
            if (trusted.size <= MAX_TRUSTED) break;
            trusted.delete(longestAgo);
          }
        },
      };
    },
  };
}

/** Whoever has one IPv6 address has the other 2^64 of its network. */
export function clientOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "").replace(/%.*$/, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - first.length - last.length }, () => "0");
  return [...first, ...zeros, ...last]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
