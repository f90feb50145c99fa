import { randomBytes } from "node:crypto";
import * as v from "valibot";
import type { Random } from "../src/backend/ports.ts";
import { EpochSchema } from "../src/protocol/ids.ts";

export const systemRandom: Random = {
  epoch: () => v.parse(EpochSchema, randomBytes(8).readBigUInt64BE().toString(36)),
  fraction: () => Math.random(),
};
