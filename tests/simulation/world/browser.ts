import { createConnectionPool, type ConnectionPool } from "./connection-pool.ts";
import type { Dice } from "./dice.ts";
import type { TrueTime } from "./true-time.ts";
import { createVirtualDisk, type VirtualDisk } from "./virtual-disk.ts";
import { createVirtualLocks, type VirtualLocks } from "./virtual-locks.ts";
import { WORLD_BEGIN_MS } from "./virtual-server.ts";
import { createVirtualStorage, type VirtualStorage } from "./virtual-storage.ts";
import type { Violation } from "./violation.ts";

/** What the tabs of one browser share. */
export interface Browser {
  readonly time: TrueTime;
  readonly disk: VirtualDisk;
  readonly storage: VirtualStorage;
  readonly locks: VirtualLocks;
  readonly pool: ConnectionPool;
  /** The device's wall clock, which may be set and may jump. Unit: ms since 1970. */
  wallMs(): number;
  jumpWall(ms: number): void;
}

export function createBrowser(
  time: TrueTime,
  dice: Dice,
  onViolation: (violation: Violation) => void,
): Browser {
  let offsetMs = 0;
  return {
    time,
    disk: createVirtualDisk(time, dice, onViolation),
    storage: createVirtualStorage(time),
    locks: createVirtualLocks(time),
    pool: createConnectionPool(),
    wallMs: () => WORLD_BEGIN_MS + time.now() + offsetMs,
    jumpWall(ms) {
      offsetMs += ms;
    },
  };
}
