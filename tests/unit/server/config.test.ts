import { resolve } from "node:path";
import { expect, test } from "vitest";
import { isLoopback, loadConfig } from "../../../server/config.ts";

function load(environment: Record<string, string>) {
  const loaded = loadConfig(environment);
  if (!loaded.ok) throw new Error(loaded.error);
  return loaded.value;
}

function refusal(environment: Record<string, string>): string {
  const loaded = loadConfig(environment);
  if (loaded.ok) throw new Error("was accepted");
  return loaded.error;
}

test("an empty environment serves this machine only, on the usual port", () => {
  expect(load({})).toEqual({
    port: 4173,
    host: "127.0.0.1",
    dataDir: resolve("data"),
    password: undefined,
    tls: undefined,
    allowedHosts: [],
    heartbeatMs: 10_000,
    models: { openai: undefined, ollamaUrl: "http://127.0.0.1:11434" },
  });
});

test("a variable set to nothing is not set", () => {
  const names = [
    "PORT",
    "HOST",
    "HOLDFAST_DATA_DIR",
    "HOLDFAST_PASSWORD",
    "HOLDFAST_TLS_CERT",
    "HOLDFAST_HEARTBEAT_MS",
    "OPENAI_BASE_URL",
    "OLLAMA_HOST",
  ];
  expect(load(Object.fromEntries(names.map((name) => [name, ""])))).toEqual(load({}));
});

test("port 0 asks for any free port", () => {
  expect(load({ PORT: "0" }).port).toBe(0);
});

test.each(["abc", "-1", "65536", "80.5", "0x50", "1e3", "99999999"])(
  "PORT=%s is refused by name and value",
  (port) => {
    expect(refusal({ PORT: port })).toContain(`PORT="${port}"`);
  },
);

test.each(["0.0.0.0", "::", "192.168.1.5", "example.org", "[::]", "128.0.0.1"])(
  "HOST=%s without a password is refused with the reason",
  (host) => {
    expect(refusal({ HOST: host })).toMatch(/HOST=.*other machines.*HOLDFAST_PASSWORD/);
    expect(load({ HOST: host, HOLDFAST_PASSWORD: "open sesame" }).host).toBe(host.replace(/[[\]]/g, ""));
  },
);

test.each(["127.0.0.1", "127.9.9.9", "localhost", "LOCALHOST", "::1", "[::1]"])(
  "HOST=%s needs no password",
  (host) => {
    expect(isLoopback(load({ HOST: host }).host)).toBe(true);
  },
);

test.each(["not a host", "999.1.1.1", "1.2.3", "http://x", "a..b", "-x"])(
  "HOST=%s is refused as no host",
  (host) => {
    expect(refusal({ HOST: host, HOLDFAST_PASSWORD: "open sesame" })).toContain(
      `HOST=${JSON.stringify(host)}`,
    );
  },
);

test("a certificate and its key come together or not at all", () => {
  expect(refusal({ HOLDFAST_TLS_CERT: "c.pem" })).toMatch(/HOLDFAST_TLS_KEY is not/);
  expect(refusal({ HOLDFAST_TLS_KEY: "k.pem" })).toMatch(/HOLDFAST_TLS_CERT is not/);
  expect(load({ HOLDFAST_TLS_CERT: "c.pem", HOLDFAST_TLS_KEY: "k.pem" }).tls).toEqual({
    certFile: resolve("c.pem"),
    keyFile: resolve("k.pem"),
  });
});

test("allowed hosts are split, lowered and checked", () => {
  expect(load({ HOLDFAST_ALLOWED_HOSTS: "Chat.Example.org, 10.0.0.5:8080" }).allowedHosts).toEqual([
    "chat.example.org",
    "10.0.0.5:8080",
  ]);
  for (const bad of ["https://x.org", "*", "*.example.org", "a/b", "user@x"]) {
    expect(refusal({ HOLDFAST_ALLOWED_HOSTS: bad })).toContain("HOLDFAST_ALLOWED_HOSTS");
  }
});

test("an address of a model is kept without its closing slash, its models in order and once", () => {
  const config = load({
    OPENAI_BASE_URL: "http://127.0.0.1:8080/v1/",
    OPENAI_MODEL: "a, b,,a",
    OPENAI_API_KEY: " sk-1 ",
  });
  expect(config.models.openai).toEqual({
    baseUrl: "http://127.0.0.1:8080/v1",
    apiKey: "sk-1",
    models: ["a", "b"],
  });
});

test("a key without an address is for something else", () => {
  expect(load({ OPENAI_API_KEY: "sk-1" }).models.openai).toBeUndefined();
});

test.each([
  ["127.0.0.1:9999", "http://127.0.0.1:9999"],
  ["0.0.0.0", "http://127.0.0.1:11434"],
  ["box", "http://box:11434"],
  ["https://box/ollama/", "https://box/ollama"],
])("OLLAMA_HOST=%s means %s", (text, url) => {
  expect(load({ OLLAMA_HOST: text }).models.ollamaUrl).toBe(url);
});

test("no refusal holds a secret, and each is one line", () => {
  const secrets = { HOLDFAST_PASSWORD: "s3cret-password", OPENAI_API_KEY: "sk-s3cret" };
  const refusals = [
    refusal({ ...secrets, PORT: "x" }),
    refusal({ ...secrets, HOST: "a b" }),
    refusal({ OPENAI_BASE_URL: "http://127.0.0.1:9/v1", OPENAI_API_KEY: "s3cret\nkey" }),
    refusal({ OPENAI_BASE_URL: "http://127.0.0.1:9/v1", OPENAI_API_KEY: "s3cret✓" }),
    refusal({ ...secrets, OPENAI_BASE_URL: "ftp://me:s3cret@x/v1" }),
    refusal({ ...secrets, OLLAMA_HOST: "ftp://me:s3cret@x/" }),
    refusal({ ...secrets, OPENAI_BASE_URL: "me:s3cret@x:8080/v1" }),
    refusal({ ...secrets, OPENAI_BASE_URL: "http://me:s3/s3cret@x/v1" }),
    refusal({ ...secrets, OPENAI_BASE_URL: "http://me:s3@s3cret@x:port/v1" }),
    refusal({ ...secrets, OLLAMA_HOST: "me:s3/s3cret@x" }),
    refusal({ HOLDFAST_PASSWORD: "s3cret".repeat(200) }),
  ];
  for (const line of refusals) {
    expect(line).not.toContain("s3cret");
    expect(line).not.toContain("\n");
  }
});

test("the heartbeat is what the variable says, within what a viewer can bear", () => {
  expect(load({ HOLDFAST_HEARTBEAT_MS: " 1000 " }).heartbeatMs).toBe(1_000);
  expect(load({ HOLDFAST_HEARTBEAT_MS: "60000" }).heartbeatMs).toBe(60_000);
  for (const text of ["999", "60001", "10s", "-5000", "1e4", "5000.5"]) {
    expect(refusal({ HOLDFAST_HEARTBEAT_MS: text })).toBe(
      `HOLDFAST_HEARTBEAT_MS=${JSON.stringify(text)} is not a heartbeat. Give milliseconds from 1000 to 60000, e.g. HOLDFAST_HEARTBEAT_MS=10000.`,
    );
  }
});
