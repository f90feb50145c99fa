import type { Reporter } from "../streaming/ports.ts";
import { localKeys, recordKeys } from "./keys.ts";
import type { LocalText } from "./local-text.ts";
import type { StoredRecords } from "./open-store.ts";

/**
 * Sets records aside that can't be read (another program's, another version's, a half-broken disk's) and says so:
 * they are treated as absent, but nothing of a person's is thrown away. `isStillBroken` looks again inside the
 * transaction, where another tab may have put a good record by now.
 */
export async function quarantineRecords(
  records: StoredRecords,
  reporter: Reporter,
  keys: readonly string[],
  isStillBroken: (values: readonly unknown[]) => boolean,
  why: string,
): Promise<void> {
  reporter.warn(`Stored records can't be read and were set aside: ${keys.join(", ")}.`, why);
  await records.update(keys, (values) => {
    if (!isStillBroken(values)) return { answer: undefined };
    const present = keys.flatMap((key, index) =>
      values[index] === undefined ? [] : [{ key, value: values[index] }],
    );
    return {
      answer: undefined,
      put: new Map(present.map(({ key, value }) => [recordKeys.quarantine(key), value])),
      remove: present.map(({ key }) => key),
    };
  });
}

/** The same for a text of localStorage. */
export function quarantineText(local: LocalText, reporter: Reporter, key: string, why: string): void {
  reporter.warn(`A stored text can't be read and was set aside: ${key}.`, why);
  const text = local.get(key);
  // Where there is no space to set it aside it stays where it is.
  if (text !== undefined && local.set(localKeys.quarantine(key), text) === "kept") local.remove(key);
}
