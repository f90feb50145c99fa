import { expect } from "vitest";
import { expectProblem, newSessionId } from "./client.ts";
import type { Rule } from "./rule.ts";

export function signInRules(rule: Rule): void {
  rule(
    "P2.39, PX.17 a password opens the door, and signing out ends this sign-in's streams",
    async ({ own, without }) => {
      const client = await own({ isSignedOut: true });
      const { password } = client.target;
      if (password === undefined) return without("password");
      expectProblem(await client.call("GET", "/sessions"), "not-signed-in");
      expectProblem(await client.call("POST", "/sign-in", { password: "wrong" }), "wrong-password");

      const signIn = async (): Promise<{ cookie: string }> => {
        const answer = await client.call("POST", "/sign-in", { password });
        expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: "" });
        const cookie = answer.headers.get("set-cookie") ?? "";
        expect(cookie).toMatch(/HttpOnly/i);
        expect(cookie).toMatch(/SameSite=(Lax|Strict)/i);
        return { cookie: cookie.split(";")[0] ?? "" };
      };
      const [here, there] = [await signIn(), await signIn()];
      const sid = newSessionId();
      expect((await client.call("PUT", `/sessions/${sid}`, {}, here)).status).toBe(201);
      const mine = await client.open(sid, { headers: here });
      const others = await client.open(sid, { headers: there });
      await mine.untilControl("caught-up");
      await others.untilControl("caught-up");

      const refused = await client.open(sid);
      await refused.untilEnd();
      expect(refused.controls()).toEqual([expect.objectContaining({ name: "bye", reason: "signed-out" })]);

      expect((await client.call("POST", "/sign-out", undefined, here)).status).toBe(204);
      expect(await mine.untilControl("bye")).toMatchObject({ reason: "signed-out" });
      await mine.untilEnd();
      expectProblem(await client.call("GET", "/sessions", undefined, here), "not-signed-in");
      expect((await client.call("PATCH", `/sessions/${sid}`, { title: "still here" }, there)).status).toBe(
        200,
      );
      await others.untilEvent("what the other sign-in sees", (event) => event.type === "session-updated");
      expect((await client.call("DELETE", `/sessions/${sid}`, undefined, there)).status).toBe(204);
    },
    ["password"],
  );

  rule(
    "P2.39 guessing is slowed down",
    async ({ own, without }) => {
      const client = await own({ isSignedOut: true });
      if (client.target.password === undefined) return without("password");
      for (let guess = 0; guess < 40; guess += 1) {
        const answer = await client.call("POST", "/sign-in", { password: `guess ${guess}` });
        if (answer.status !== 429) continue;
        expect(expectProblem(answer, "too-many-attempts").retryMs).toBeGreaterThan(0);
        return;
      }
      throw new Error("40 guesses were looked at");
    },
    ["password"],
  );
}
