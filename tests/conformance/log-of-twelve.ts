import { expect } from "vitest";
import type { Client } from "./client.ts";
import type { SessionId } from "./wire-values.ts";

/** A log of twelve events, each accepted after the one before was answered, that no turn's end will ever merge. */
export async function logOfTwelve(client: Client): Promise<{ sid: SessionId; epoch: string; tail: number }> {
  const sid = await client.create();
  for (let count = 1; count <= 12; count += 1) {
    expect((await client.call("PATCH", `/sessions/${sid}`, { title: `title ${count}` })).status).toBe(200);
  }
  const { epoch, tail } = await client.log(sid);
  expect(tail).toBe(12);
  return { sid, epoch, tail };
}
