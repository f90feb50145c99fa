import * as fc from "fast-check";
import { expect, it } from "vitest";
import { idAfter } from "../../../src/streaming/outbox-order.ts";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const uuid = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 47 }), fc.constantFrom(0, 1, 0xffe, 0xfff), fc.nat(2 ** 32))
  .map(([ms, count, random]) => {
    const time = ms.toString(16).padStart(12, "0");
    const tail = random.toString(16).padStart(12, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-7${count.toString(16).padStart(3, "0")}-8000-${tail}`;
  });

it("is later than the latest whatever the clock says, and a UUIDv7", () => {
  fc.assert(
    fc.property(uuid, uuid, (latest, fresh) => {
      const id = idAfter(latest, fresh);
      expect(id > latest).toBe(true);
      expect(id).toMatch(UUID_V7);
      if (fresh > latest) expect(id).toBe(fresh);
    }),
  );
});

it("leaves the fresh one where the latest is of another make", () => {
  expect(idAfter("zzz", "00000000-0000-7000-8000-000000000001")).toBe("00000000-0000-7000-8000-000000000001");
});
