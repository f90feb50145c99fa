import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { demoText } from "../../../src/backend/demo-agent.ts";
import { createMockBackend } from "../../../src/mocks/mock-backend.ts";
import type { RelayedBackend } from "../../../src/mocks/relay-host.ts";
import { readSse, type SseReader } from "../../support/sse-reader.ts";
import { sessionId, turnId } from "../../support/wire-samples.ts";

const API = "http://mock.test/api";
const SID = sessionId();

let database = "";
let count = 0;
let warnings: string[] = [];

beforeEach(() => {
  count += 1;
  database = `mock-backend-${count}`;
  warnings = [];
});

function start(): RelayedBackend {
  return createMockBackend((message) => warnings.push(message), database);
}

async function send(mock: RelayedBackend, text: string): Promise<void> {
  const json = (method: string, path: string, body: unknown): Promise<Response> =>
    mock.fetch(
      new Request(`${API}/${path}`, {
        method,
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    );
  expect((await json("PUT", `sessions/${SID}`, {})).status).toBe(201);
  expect((await json("POST", `sessions/${SID}/turns`, { id: turnId(), text })).status).toBe(202);
}

async function stream(mock: RelayedBackend, after = ""): Promise<SseReader> {
  return readSse(await mock.fetch(new Request(`${API}/sessions/${SID}/stream?after=${after}`)));
}

interface DeltaLike {
  readonly type: string;
  readonly delta?: string;
  readonly outcome?: string;
}

function eventsOf(reader: SseReader): DeltaLike[] {
  return reader.blocks
    .filter((block) => block.id !== undefined)
    .flatMap((block): DeltaLike[] => JSON.parse(block.data ?? "").events);
}

const textOf = (reader: SseReader): string =>
  eventsOf(reader)
    .filter((event) => event.type === "text-delta")
    .map((event) => event.delta)
    .join("");

const outcomeOf = (reader: SseReader): string | undefined =>
  eventsOf(reader).find((event) => event.type === "turn-ended")?.outcome;

describe("the mock's backend", () => {
  it("goes on in mid-answer after a crash, exactly from where a reader's cursor is", async () => {
    const mock = start();
    await send(mock, "count 60 5");
    const before = await stream(mock);
    await before.waitFor("some text", () => (textOf(before).length > 30 ? true : undefined));
    await mock.admin("restart");
    await before.untilEnd().catch(() => undefined);
    const cursor = before.blocks.findLast((block) => block.id !== undefined)?.id ?? "";
    const after = await stream(mock, cursor);
    expect(await after.waitFor("the end", () => outcomeOf(after))).toBe("complete");
    await after.close();
    expect(textOf(before) + textOf(after)).toBe(demoText("count 60 5"));
  });

  it("refuses every cursor after its epochs were renewed, and keeps what was said", async () => {
    const mock = start();
    await send(mock, "echo kept");
    const reader = await stream(mock);
    await reader.waitFor("the end", () => outcomeOf(reader));
    const cursor = reader.blocks.findLast((block) => block.id !== undefined)?.id ?? "";
    await mock.admin("renew-epochs");
    const refused = await stream(mock, cursor);
    expect(
      await refused.waitFor("resync", () => refused.blocks.find((block) => block.event === "resync")?.data),
    ).toBe('{"reason":"epoch"}');
    await refused.close();
    const again = await stream(mock);
    await again.waitFor("the end", () => outcomeOf(again));
    expect(textOf(again)).toBe(demoText("echo kept"));
    await again.close();
  });

  it("says in words what is wrong with its data, and is well again after a reset", async () => {
    const mock = start();
    await send(mock, "echo hi");
    await new Promise<void>((resolve) => {
      const opening = indexedDB.open(database, 1);
      opening.addEventListener("success", () => {
        const transaction = opening.result.transaction("sessions", "readwrite");
        transaction.objectStore("sessions").put("garbage", SID);
        transaction.addEventListener("complete", () => {
          opening.result.close();
          resolve();
        });
      });
    });
    await expect(mock.admin("restart")).rejects.toThrow("Reset the mock");
    const refused = await mock.fetch(new Request(`${API}/sessions`));
    expect(refused.status).toBe(500);
    expect(await refused.json()).toMatchObject({ code: "internal" });
    expect(warnings.some((warning) => warning.includes("Reset the mock"))).toBe(true);
    await mock.admin("reset");
    expect(await (await mock.fetch(new Request(`${API}/sessions`))).json()).toEqual({
      sessions: [],
      hasMore: false,
    });
  });
});
