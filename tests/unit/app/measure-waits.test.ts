import { expect, test } from "vitest";
import { createWaitMeasures } from "../../../src/app/measure-waits.ts";
import type { AppContext } from "../../../src/app/app-context.ts";
import { MEASURE_NAMES, type MeasureDetail } from "../../../src/streaming/measures.ts";
import type { CoreChange, SessionView } from "../../../src/streaming/ports.ts";
import { partId, sessionId, turnId } from "../../support/wire-samples.ts";

const [A, B] = [sessionId(1), sessionId(2)];

function setUp() {
  let nowMs = 0;
  let isHidden = false;
  let tell: (change: CoreChange) => void = () => undefined;
  let frame: () => void = () => undefined;
  let timer: () => void = () => undefined;
  const sources = new Map<string, SessionView["source"]>();
  const spans: { readonly name: string; readonly ms: number; readonly detail: MeasureDetail | undefined }[] =
    [];
  const context = {
    environment: {
      measures: {
        now: () => nowMs,
        note: (name: string, startMs: number, detail?: MeasureDetail) =>
          void spans.push({ name, ms: nowMs - startMs, detail }),
        report: () => [],
      },
      frames: {
        schedule(_key: unknown, run: () => void) {
          frame = run;
          return () => undefined;
        },
      },
      ports: {
        page: { isHidden: () => isHidden },
        clock: {
          setTimer(_delayMs: number, run: () => void) {
            timer = run;
            return () => undefined;
          },
        },
      },
    },
    engine: {
      core: {
        view: (sid: string) => ({ source: sources.get(sid) ?? "loading" }),
        subscribe(listener: (change: CoreChange) => void) {
          tell = listener;
          return () => undefined;
        },
      },
    },
  } as unknown as AppContext;
  return {
    waits: createWaitMeasures(context),
    spans,
    sources,
    tell: (change: CoreChange) => tell(change),
    pass: (ms: number): void => {
      nowMs += ms;
    },
    hide: (): void => {
      isHidden = true;
    },
    paint: (): void => {
      frame();
      timer();
      frame = () => undefined;
      timer = () => undefined;
    },
  };
}

test("a switch is measured until what the disk knows has been painted", () => {
  const { waits, spans, sources, tell, pass, paint } = setUp();
  waits.switching(A);
  pass(4);
  tell({ kind: "conversation", session: A });
  paint();
  expect(spans).toEqual([]);
  sources.set(A, "disk");
  tell({ kind: "conversation", session: A });
  pass(9);
  paint();
  tell({ kind: "conversation", session: A });
  paint();
  expect(spans).toEqual([{ name: MEASURE_NAMES.switch, ms: 13, detail: { source: "disk" } }]);
});

test("of a switch that another one overtakes only the last is measured, and none in a hidden page", () => {
  const { waits, spans, sources, tell, paint, hide } = setUp();
  waits.switching(A);
  sources.set(B, "memory");
  waits.switching(B);
  sources.set(A, "disk");
  tell({ kind: "conversation", session: A });
  paint();
  expect(spans.map(({ detail }) => detail)).toEqual([{ source: "memory" }]);
  hide();
  waits.switching(A);
  paint();
  expect(spans).toHaveLength(1);
});

test("a message is waited for until the first text of its own answer", () => {
  const { waits, spans, tell, pass } = setUp();
  waits.sent(turnId(1));
  waits.sent(turnId(2));
  tell({ kind: "ended", session: A, turn: turnId(2) });
  pass(100);
  tell({ kind: "grown", session: A, turn: turnId(3), part: partId() });
  tell({ kind: "grown", session: A, turn: turnId(1), part: partId() });
  pass(5);
  tell({ kind: "grown", session: A, turn: turnId(1), part: partId() });
  tell({ kind: "grown", session: A, turn: turnId(2), part: partId() });
  expect(spans).toEqual([{ name: MEASURE_NAMES.firstToken, ms: 100, detail: { turn: turnId(1) } }]);
});
