import type { Result } from "../protocol/result.ts";
import type { Disposer } from "../streaming/ports.ts";
import type { DraftStore } from "./draft-store.ts";
import { localKeys } from "./keys.ts";
import type { LocalText } from "./local-text.ts";
import type { StoredRecords } from "./open-store.ts";
import type { StorageFailure } from "./storage-failure.ts";
import type { TabChannel } from "./tab-channel.ts";

export interface WipePorts {
  readonly records: StoredRecords;
  readonly local: LocalText;
  readonly channel: TabChannel;
  readonly drafts: DraftStore;
}

/**
 * Removes everything this app keeps in the browser: sessions, outbox, drafts, settings. Other tabs are told; those
 * that can't hear it (frozen) write nothing any more either, because every transaction looks at the generation.
 * Afterwards this page should be loaded anew. A failure says that IndexedDB still holds what it held.
 */
export async function wipeEverything(ports: WipePorts): Promise<Result<void, StorageFailure>> {
  ports.drafts.forgetAll();
  const removed = await ports.records.wipe();
  for (const key of ports.local.keys(localKeys.prefix)) ports.local.remove(key);
  ports.channel.post("wiped");
  return removed;
}

/**
 * Another tab wiped everything: this one drops its drafts, and `listener` should reload the page. Told by the other
 * tab, and by the disk, for a tab that was frozen meanwhile.
 */
export function onWiped(
  ports: Pick<WipePorts, "channel" | "drafts" | "records">,
  listener: () => void,
): Disposer {
  const forget = (): void => {
    ports.drafts.forgetAll();
    listener();
  };
  const disposers = [
    ports.channel.subscribe((message) => {
      if (message === "wiped") forget();
    }),
    ports.records.onWiped(forget),
  ];
  return () => {
    for (const dispose of disposers) dispose();
  };
}
