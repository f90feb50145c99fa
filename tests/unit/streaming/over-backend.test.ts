import * as v from "valibot";
import { expect, it } from "vitest";
import { createBackend } from "../../../src/backend/backend.ts";
import type { Backend } from "../../../src/backend/backend-types.ts";
import { createDemoAgent } from "../../../src/backend/demo-agent.ts";
import { createMemoryStore } from "../../../src/backend/memory-store.ts";
import { bufferText } from "../../../src/protocol/conversation.ts";
import { CONTROL_NAMES } from "../../../src/protocol/frames.ts";
import type { SessionId } from "../../../src/protocol/ids.ts";
import { formatCursor } from "../../../src/protocol/cursor.ts";
import { SnapshotSchema } from "../../../src/protocol/snapshot.ts";
import { err, ok } from "../../../src/protocol/result.ts";
import type { EventSourcePort, Source, SourceHandlers } from "../../../src/streaming/ports.ts";
import { createCoreHarness, type CoreHarness } from "../../support/core-harness.ts";
import { createFakeSources } from "../../support/fake-sources.ts";
import { demo, epoch, session, turn } from "../../support/streaming-samples.ts";
import { createVirtualClock, type VirtualClock } from "../../support/virtual-clock.ts";

/** A line to the real backend with 5 ms of latency, which a test can cut. */
function createLines(
  clock: VirtualClock,
  backend: Backend,
): EventSourcePort & { cut(): void; opened: number } {
  const lines = new Set<{ cut(): void }>();
  const port = {
    opened: 0,
    cut(): void {
      for (const line of lines) line.cut();
    },
    open(url: string, handlers: SourceHandlers): Source {
      port.opened += 1;
      const { pathname, searchParams } = new URL(url, "http://x");
      const sid = session(Number.parseInt(pathname.split("/")[3]?.slice(-12) ?? "", 16));
      let isClosed = false;
      const later = (run: () => void): void => {
        clock.setTimer(5, () => {
          if (!isClosed) run();
        });
      };
      const after = searchParams.get("after") ?? undefined;
      const subscription = backend.openStream(
        sid,
        { lastEventId: undefined, after },
        {
          write(message) {
            const name = CONTROL_NAMES.find((known) => known === message.event);
            later(() => handlers.onMessage(name, message.data));
            return true;
          },
          end: () => later(() => handlers.onError()),
        },
      );
      const line = {
        cut() {
          if (isClosed) return;
          subscription.unsubscribe();
          handlers.onError();
        },
      };
      lines.add(line);
      return {
        close() {
          isClosed = true;
          lines.delete(line);
          subscription.unsubscribe();
        },
      };
    },
  };
  return port;
}

async function setUp() {
  const clock = createVirtualClock();
  const agent = createDemoAgent(clock);
  let epochs = 0;
  const backend = await createBackend({
    store: createMemoryStore(),
    agents: {
      list: () => Promise.resolve({ agents: [agent.summary], default: agent.summary.id }),
      find: () => Promise.resolve(agent),
      defaultId: () => agent.summary.id,
    },
    clock,
    random: {
      epoch: () => {
        epochs += 1;
        return epoch(`b${epochs}`);
      },
      fraction: () => 0.5,
    },
    reporter: { warn: () => {} },
    version: "test",
  });
  const lines = createLines(clock, backend);
  const h = createCoreHarness({
    clock,
    sources: { ...createFakeSources(), open: (...args) => lines.open(...args) },
  });
  h.api.answer({
    snapshot: async (sid, page) => {
      const answer = await backend.snapshot(sid, { turns: page?.turns, before: page?.before });
      if (!answer.ok) return err({ kind: "problem", problem: answer.error });
      return ok(v.parse(SnapshotSchema, answer.value));
    },
  });
  return { clock, backend, lines, h };
}

/** What is shown of a session: turns in order, their states and their answers. */
function shown(h: CoreHarness, sid: SessionId) {
  return [...(h.core.view(sid)?.conversation.turns.values() ?? [])].map((known) => ({
    id: known.id,
    status: known.status,
    parts: [...known.parts.values()].map((part) => bufferText(part.buffer)),
  }));
}

it("shows exactly what the real backend has, over cuts, switches and hidden spells", async () => {
  const { clock, backend, lines, h } = await setUp();
  const sessions = [session(1), session(2)];
  for (const [index, sid] of sessions.entries()) {
    await Promise.race([backend.createSession(sid, { agent: demo }), clock.advance(100)]);
    void backend.sendTurn(sid, { id: turn(10 + index), text: "long", mode: "queue" });
    void backend.sendTurn(sid, { id: turn(20 + index), text: "plan", mode: "queue" });
  }
  await clock.advance(100);
  for (let round = 0; round < 60; round += 1) {
    const sid = sessions[round % 3 === 0 ? 0 : 1];
    if (round % 5 === 0) void h.core.loadSession(sid);
    if (round % 7 === 3) lines.cut();
    if (round % 11 === 4) h.page.hide();
    if (round % 11 === 9) h.page.show();
    await clock.advance(700);
  }
  h.page.show();
  for (const sid of sessions) {
    await h.core.loadSession(sid);
    await clock.advance(240_000);
    expect(h.core.view(sid)?.connection.kind).toBe("live");
    let answer: Awaited<ReturnType<Backend["snapshot"]>> | undefined;
    void backend.snapshot(sid, {}).then((value) => (answer = value));
    await clock.settle();
    if (answer?.ok !== true) throw new Error("no snapshot");
    const { turns, cursor, session: summary } = answer.value;
    expect(formatCursor(h.core.view(sid)?.cursor ?? { epoch: epoch("none"), seq: 0 })).toBe(cursor);
    expect(shown(h, sid)).toEqual(
      turns.map(({ id, status, parts }) => ({ id, status, parts: parts.map((part) => part.text ?? "") })),
    );
    expect(turns.map((known) => known.status)).toEqual(["ended", "ended"]);
    expect(h.core.view(sid)?.summary).toMatchObject({ status: summary.status, running: 0, queued: 0 });
  }
  expect(lines.opened).toBeGreaterThan(8);
  h.core.dispose();
});
