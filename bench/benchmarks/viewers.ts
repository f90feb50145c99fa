import { SID } from "../server-side/seed.ts";
import { withSubject } from "../server-side/subject.ts";
import { view, viewMany } from "../server-side/viewer.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import { ratios } from "../harness/statistics.ts";

const VIEWERS = 1_000;

export const benchmark: Benchmark = {
  title: `Memory of ${VIEWERS.toLocaleString("en")} idle viewers, against those of a bare node:http server`,
  async run({ rounds }) {
    const floor: number[] = [];
    const ours: number[] = [];
    for (let round = 0; round < (rounds ?? 3); round += 1) {
      floor.push(await kilobytesEach("floor"));
      ours.push(await kilobytesEach("holdfast"));
    }
    return {
      figures: [
        { what: "bare node:http", place: "node", unit: "KB a viewer", values: floor },
        { what: "Holdfast", place: "node", unit: "KB a viewer", values: ours },
      ],
      ratios: [
        {
          id: "memory",
          what: "memory of a viewer, Holdfast ÷ bare node:http",
          place: "node",
          values: ratios(ours, floor),
          better: "lower",
        },
      ],
    };
  },
};

function kilobytesEach(kind: "holdfast" | "floor"): Promise<number> {
  return withSubject(kind, async (subject) => {
    const path = `/api/sessions/${SID}`;
    if (kind === "holdfast") await subject.send("PUT", path, {});
    // What every process allocates once is not the viewers'.
    (await view(subject.port, `${path}/stream`)).socket.destroy();
    const before = await subject.usage();
    const viewers = await viewMany(VIEWERS, subject.port, `${path}/stream`);
    const after = await subject.usage();
    for (const viewer of viewers) viewer.socket.destroy();
    return (after.rssBytes - before.rssBytes) / 1_024 / VIEWERS;
  });
}
