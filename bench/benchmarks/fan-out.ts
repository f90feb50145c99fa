import { turnId, SID } from "../server-side/seed.ts";
import { withSubject } from "../server-side/subject.ts";
import { viewMany } from "../server-side/viewer.ts";
import { PLACE_NAMES, type Benchmark } from "../harness/benchmark.ts";
import { ratios } from "../harness/statistics.ts";

const VIEWERS = 1_000;
const BURST = 100;
const PAUSE_MS = 25;

export const benchmark: Benchmark = {
  title: `An answer of ${BURST} deltas to ${VIEWERS.toLocaleString("en")} viewers: deliveries per second of the server's own processor time, against a bare node:http server that writes the same bytes`,
  async run({ rounds, isQuick }) {
    const floor: number[] = [];
    const ours: number[] = [];
    for (let round = 0; round < (rounds ?? (isQuick ? 1 : 3)); round += 1) {
      floor.push(await deliveryRate("floor"));
      ours.push(await deliveryRate("holdfast"));
    }
    const unit = "deliveries/CPU-s";
    return {
      figures: [
        { what: "bare node:http", place: "node", unit, values: floor },
        { what: "Holdfast", place: "node", unit, values: ours },
      ],
      ratios: [
        {
          id: "throughput",
          what: "throughput, Holdfast ÷ bare node:http",
          place: "node",
          values: ratios(ours, floor),
          better: "higher",
          target: 0.8,
          margin: 1.4,
        },
      ],
      charts: [
        {
          kind: "bars",
          id: "fan-out",
          title: `Deliveries to ${VIEWERS.toLocaleString("en")} viewers in a second of the server's processor time`,
          unit,
          isLogarithmic: false,
          bars: [
            { label: "bare node:http", group: PLACE_NAMES.node, values: floor },
            { label: "Holdfast", group: PLACE_NAMES.node, values: ours },
          ],
        },
      ],
    };
  },
};

/** By processor time, not by the clock: other programs of the machine have no part in it. */
function deliveryRate(kind: "holdfast" | "floor"): Promise<number> {
  return withSubject(kind, async (subject) => {
    const path = `/api/sessions/${SID}`;
    if (kind === "holdfast") await subject.send("PUT", path, {});
    const viewers = await viewMany(VIEWERS, subject.port, `${path}/stream`);
    const before = await subject.usage();
    const framesBefore = viewers.reduce((sum, viewer) => sum + viewer.frames, 0);
    const ended = viewers.map((viewer) => viewer.until("turn-ended"));
    if (kind === "holdfast")
      await subject.send("POST", `${path}/turns`, { id: turnId(1), text: `burst ${BURST} ${PAUSE_MS}` });
    else await subject.send("POST", `/burst/0-${BURST}-${PAUSE_MS}`, {});
    await Promise.all(ended);
    const after = await subject.usage();
    const frames = viewers.reduce((sum, viewer) => sum + viewer.frames, 0) - framesBefore;
    for (const viewer of viewers) viewer.socket.destroy();
    return (frames * 1_000_000) / (after.cpuMicros - before.cpuMicros);
  });
}
