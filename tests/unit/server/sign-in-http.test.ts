import { expect, test, vi } from "vitest";
import { createAgentDirectory } from "../../../server/agents/agent-directory.ts";
import { loadConfig } from "../../../server/config.ts";
import { systemClock } from "../../../server/system-clock.ts";
import { sessionId, turnId } from "../../support/wire-samples.ts";
import { startTestServer, type TestServer } from "../../support/test-server.ts";

// Real files, sockets and scrypt: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 30_000 });

const PASSWORD = "open sesame";
const SID = sessionId(1);

function guarded(limits = {}): Promise<TestServer> {
  return startTestServer({ HOLDFAST_PASSWORD: PASSWORD }, { limits });
}

async function signIn(server: TestServer): Promise<{ readonly cookie: string }> {
  const answer = await server.call("POST", "/api/sign-in", { password: PASSWORD });
  expect([answer.status, answer.text]).toEqual([204, ""]);
  const cookie = String(answer.headers["set-cookie"]?.[0]);
  expect(cookie).toMatch(/^holdfast=[A-Za-z0-9_-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/);
  return { cookie: cookie.split(";", 1)[0] ?? "" };
}

test("without a cookie there is the sign-in page, health, and 401 for all else", async () => {
  const server = await guarded();
  for (const [method, path] of [
    ["GET", "/api/sessions"],
    ["GET", "/api/agents"],
    ["GET", "/api/nope"],
    ["PUT", `/api/sessions/${SID}`],
    ["GET", `/api/sessions/${SID}/events`],
    ["GET", "/assets/main-a1b2c3.js"],
    ["GET", "/version.json"],
    ["GET", "/"],
  ] as const) {
    const answer = await server.call(method, path);
    expect([path, answer.status, answer.json?.["code"]]).toEqual([path, 401, "not-signed-in"]);
  }
  expect((await server.call("GET", "/api/health")).json).toMatchObject({
    name: "holdfast",
    auth: "signed-out",
  });
  const page = await server.call("GET", "/s/abc", undefined, { accept: "text/html" });
  expect([page.status, page.headers["cache-control"]]).toEqual([401, "no-store"]);
  expect(page.text).toContain('type="password"');
  expect(page.text).toContain('value="/s/abc"');
  expect(page.text).not.toContain("the built app");
  expect((await server.call("GET", "/sign-in.css")).headers["content-type"]).toBe("text/css; charset=utf-8");
  expect((await server.call("GET", "/icon.png")).status).toBe(200);
});

test("with the cookie everything is there, and without a password nobody is asked", async () => {
  const server = await guarded();
  const cookie = await signIn(server);
  expect((await server.call("GET", "/api/health", undefined, cookie)).json).toMatchObject({
    auth: "signed-in",
  });
  expect((await server.call("PUT", `/api/sessions/${SID}`, undefined, cookie)).status).toBe(201);
  expect((await server.call("GET", "/", undefined, cookie)).text).toContain("the built app");
  const open = await startTestServer();
  expect((await open.call("GET", "/api/health")).json).toMatchObject({ auth: "none" });
  expect((await open.call("POST", "/api/sign-in", { password: "x" })).status).toBe(204);
  expect((await open.call("GET", "/sign-in")).headers.location).toBe("/");
});

test("the form works without a script and leads back to where one was", async () => {
  const server = await guarded();
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const submit = (body: string, headers = {}) =>
    fetch(`${server.url}sign-in`, {
      method: "POST",
      body,
      headers: { ...form, ...headers },
      redirect: "manual",
    });
  const wrong = await submit("password=wrong&to=/s/abc");
  expect(wrong.status).toBe(401);
  expect(await wrong.text()).toMatch(/role="alert">That is not the password/);
  const right = await submit(`password=${encodeURIComponent(PASSWORD)}&to=/s/abc`);
  expect([right.status, right.headers.get("location")]).toEqual([303, "/s/abc"]);
  const cookie = String(right.headers.get("set-cookie")).split(";", 1)[0] ?? "";
  expect((await server.call("GET", "/api/sessions", undefined, { cookie })).status).toBe(200);
  const foreign = await submit(`password=${encodeURIComponent(PASSWORD)}`, { origin: "http://evil.example" });
  expect(foreign.status).toBe(403);
});

test("wrong passwords are counted; too many wait, whoever is right included", async () => {
  const server = await guarded({ maxAttemptsPerAddress: 3 });
  for (let index = 0; index < 3; index += 1) {
    const answer = await server.call("POST", "/api/sign-in", { password: "guess" });
    expect([answer.status, answer.json?.["code"]]).toEqual([401, "wrong-password"]);
  }
  const answer = await server.call("POST", "/api/sign-in", { password: PASSWORD });
  expect([answer.status, answer.json?.["code"]]).toEqual([429, "too-many-attempts"]);
  expect(Number(answer.json?.["retryMs"])).toBeGreaterThan(0);
  expect(Number(answer.headers["retry-after"])).toBe(Math.ceil(Number(answer.json?.["retryMs"]) / 1000));
});

test("a stream without a valid cookie is a 200 with one bye and the end", async () => {
  const server = await guarded();
  const stream = await server.stream(`/api/sessions/${SID}/stream`, { cookie: `holdfast=${"A".repeat(43)}` });
  await stream.untilEnd();
  expect(stream.blocks.map((block) => [block.event, block.data])).toEqual([
    [undefined, undefined],
    ["bye", '{"reason":"signed-out"}'],
  ]);
});

test("signing out ends the streams of that sign-in and no other", async () => {
  const server = await guarded();
  const [mine, other] = [await signIn(server), await signIn(server)];
  await server.call("PUT", `/api/sessions/${SID}`, undefined, mine);
  const path = `/api/sessions/${SID}/stream`;
  const streams = [await server.stream(path, mine), await server.stream(path, mine)];
  const othersStream = await server.stream(path, other);
  for (const stream of [...streams, othersStream]) {
    await stream.waitFor("caught-up", () => stream.blocks.find((block) => block.event === "caught-up"));
  }
  const answer = await server.call("POST", "/api/sign-out", undefined, mine);
  expect(answer.status).toBe(204);
  expect(answer.headers["set-cookie"]?.[0]).toMatch(/^holdfast=; Max-Age=0;/);
  for (const stream of streams) {
    await stream.untilEnd();
    expect(stream.blocks.at(-1)).toMatchObject({ event: "bye", data: '{"reason":"signed-out"}' });
  }
  expect(othersStream.hasEnded()).toBe(false);
  expect((await server.call("GET", "/api/sessions", undefined, mine)).status).toBe(401);
  expect((await server.call("GET", "/api/sessions", undefined, other)).status).toBe(200);
});

test("a sign-in outlives a restart", async () => {
  const first = await guarded();
  const cookie = await signIn(first);
  await first.close();
  const again = await startTestServer({
    HOLDFAST_PASSWORD: PASSWORD,
    HOLDFAST_DATA_DIR: first.config.dataDir,
  });
  expect((await again.call("GET", "/api/sessions", undefined, cookie)).status).toBe(200);
});

test("no secret is in any answer, stream or report", async () => {
  const secrets = {
    HOLDFAST_PASSWORD: "pw-s3cret",
    OPENAI_API_KEY: "sk-s3cret",
    OPENAI_MODEL: "m",
    OPENAI_BASE_URL: "http://u:url-s3cret@127.0.0.1:9/v1",
  };
  const loaded = loadConfig(secrets);
  if (!loaded.ok) throw new Error(loaded.error);
  const agents = createAgentDirectory({ config: loaded.value.models, clock: systemClock });
  const server = await startTestServer(secrets, { agents });
  const signedIn = await server.call("POST", "/api/sign-in", { password: "pw-s3cret" });
  const cookie = { cookie: String(signedIn.headers["set-cookie"]?.[0]).split(";", 1)[0] ?? "" };
  const answers = [
    signedIn,
    await server.call("POST", "/api/sign-in", { password: "almost pw-s3cret" }),
    await server.call("POST", "/api/sign-in", { password: ["pw-s3cret"] }),
    await server.call("GET", "/api/health", undefined, cookie),
    await server.call("GET", "/api/agents", undefined, cookie),
    await server.call("PUT", `/api/sessions/${SID}`, undefined, cookie),
    await server.call(
      "POST",
      `/api/sessions/${SID}/turns`,
      { id: turnId(1), text: "hello", agent: "openai/m" },
      cookie,
    ),
    await server.call("GET", "/sign-in"),
  ];
  const ended = async () => (await server.call("GET", `/api/sessions/${SID}/events`, undefined, cookie)).text;
  await expect.poll(ended, { timeout: 15_000 }).toContain("turn-ended");
  expect(JSON.stringify([...answers, await ended()])).not.toContain("s3cret");
  expect(server.reports.join("\n")).not.toContain("s3cret");
});

test("behind a proxy that speaks https the cookie is never sent over plain http", async () => {
  const server = await startTestServer({ HOLDFAST_PASSWORD: PASSWORD });
  const plain = await server.call("POST", "/api/sign-in", { password: PASSWORD });
  expect(String(plain.headers["set-cookie"])).not.toContain("Secure");
  const proxied = { "x-forwarded-proto": "https" };
  const secure = await server.call("POST", "/api/sign-in", { password: PASSWORD }, proxied);
  expect(String(secure.headers["set-cookie"])).toContain("; Secure");
});

test("a sign-in may send a password and no megabytes", async () => {
  const server = await startTestServer({ HOLDFAST_PASSWORD: PASSWORD });
  const body = { password: PASSWORD, more: "x".repeat(20_000) };
  expect((await server.call("POST", "/api/sign-in", body)).status).toBe(413);
});

test("the streams of a sign-in that has run out are ended", async () => {
  let time = 1_000_000;
  const clock = { ...systemClock, now: () => time };
  const server = await startTestServer(
    { HOLDFAST_PASSWORD: PASSWORD },
    { clock, limits: { signInSweepMs: 20 } },
  );
  const signedIn = await server.call("POST", "/api/sign-in", { password: PASSWORD });
  const cookie = String(signedIn.headers["set-cookie"]).split(";", 1)[0] ?? "";
  await server.call("PUT", `/api/sessions/${SID}`, {}, { cookie });
  const stream = await server.stream(`/api/sessions/${SID}/stream`, { cookie });
  await stream.waitFor("caught-up", () => stream.blocks.find((block) => block.event === "caught-up"));
  time += 31 * 24 * 60 * 60_000;
  await stream.untilEnd();
  expect(stream.blocks.at(-1)).toMatchObject({ event: "bye", data: '{"reason":"signed-out"}' });
});
