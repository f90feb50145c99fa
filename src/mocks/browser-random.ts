import type { Random } from "../backend/ports.ts";
import { EpochSchema } from "../protocol/ids.ts";
import { parse } from "../protocol/parse.ts";

export const browserRandom: Random = {
  epoch() {
    const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
    const text = ((BigInt(high) << 32n) | BigInt(low)).toString(36);
    const epoch = parse(EpochSchema, text);
    if (!epoch.ok) throw new Error(`"${text}" ${epoch.error.message}`);
    return epoch.value;
  },
  fraction: () => Math.random(),
};
