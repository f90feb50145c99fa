import { isStream } from "../../support/gateway-rules.ts";
import type { Scenario } from "../scenario.ts";

/** Waits until the answer on screen has come so far. */
export const finDuringEvent: Scenario = {
  id: "1",
  title: "The connection ends (FIN) in the middle of an event: the half event is dropped and comes whole",
  async run(stage) {
    for (const how of ["fin", "end"] as const) {
      stage.gateway.rule({
        when: isStream,
        times: 1,
        action: { kind: "shape", shape: { kind: "cut", afterBytes: 2_000, how } },
      });
    }
    const app = await stage.open();
    await app.begin("count 120 15");
    await stage.until("two streams were cut and a third is open", async () => {
      return stage.gateway.count(isStream) >= 3 && (await app.openSources()) === 1;
    });
  },
};
