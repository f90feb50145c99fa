import { isIP } from "node:net";
import { resolve } from "node:path";
import * as v from "valibot";
import { DEFAULT_HEARTBEAT_MS } from "../src/protocol/limits.ts";
import { err, ok, type Result } from "../src/protocol/result.ts";

/** All that the environment decides, once, at start. */
export interface Config {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataDir: string;
  /** Undefined: nobody is asked for one, and only this machine can connect. */
  readonly password: string | undefined;
  readonly tls: TlsFiles | undefined;
  /** More names or `name:port` pairs under which browsers may call the server, lower case. */
  readonly allowedHosts: readonly string[];
  /** How often streams are pinged; a tunnel that closes idle connections early needs it shorter. Unit: ms. */
  readonly heartbeatMs: number;
  readonly models: ModelConfig;
}

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Where models are. The operator's choice, never a user's. */
export interface ModelConfig {
  readonly openai: OpenAiConfig | undefined;
  /** Asked for only where no OpenAI-compatible address is named. */
  readonly ollamaUrl: string;
}

interface OpenAiConfig {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  /** Empty: the address is asked for its models. */
  readonly models: readonly string[];
}

const DEFAULT_PORT = 4173;
const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_DATA_DIR = "data";
const DEFAULT_OLLAMA_URL = "http://127.0.0.1:11434";

/** Shorter costs every viewer's battery; longer, and a dead connection is noticed minutes late. Unit: ms. */
const MIN_HEARTBEAT_MS = 1_000;
const MAX_HEARTBEAT_MS = 60_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** Set to nothing is not set: `HOST= npm start`. */
const given = v.optional(
  v.pipe(
    v.string(),
    v.transform((text) => (text.trim() === "" ? undefined : text)),
  ),
);

const HOST_NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;

const EnvironmentSchema = v.object({
  PORT: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.check(
        (text) => text === "" || (/^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535),
        "is not a port. Give a number from 0 to 65535, e.g. PORT=4173 (0 takes any free one).",
      ),
    ),
  ),
  HOST: given,
  HOLDFAST_PASSWORD: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => (text === "" ? undefined : text)),
    ),
  ),
  HOLDFAST_TLS_CERT: given,
  HOLDFAST_TLS_KEY: given,
  HOLDFAST_ALLOWED_HOSTS: given,
  HOLDFAST_HEARTBEAT_MS: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.check(
        (text) => text === "" || (/^[0-9]{1,6}$/.test(text) && isHeartbeat(Number(text))),
        `is not a heartbeat. Give milliseconds from ${MIN_HEARTBEAT_MS} to ${MAX_HEARTBEAT_MS}, e.g. HOLDFAST_HEARTBEAT_MS=${DEFAULT_HEARTBEAT_MS}.`,
      ),
    ),
  ),
  OPENAI_BASE_URL: given,
  OPENAI_API_KEY: given,
  OPENAI_MODEL: given,
  OLLAMA_HOST: given,
});

/**
 * Reads the environment. The failure is one line for the operator: the variable, its value, and what to do;
 * it never holds a secret.
 */
export function loadConfig(environment: Environment): Result<Config, string> {
  const parsed = v.safeParse(EnvironmentSchema, environment, { abortEarly: true });
  if (!parsed.success) {
    const name = v.getDotPath(parsed.issues[0]) ?? "environment";
    return err(`${name}=${quote(environment[name])} ${parsed.issues[0].message}`);
  }
  const env = parsed.output;

  const host = parseHost(env.HOST);
  if (!host.ok) return host;
  const password = env.HOLDFAST_PASSWORD;
  if (password !== undefined && password.length > 1024) {
    return err("HOLDFAST_PASSWORD is too long. Use at most 1024 characters.");
  }
  if (!isLoopback(host.value) && password === undefined) {
    return err(
      `HOST=${quote(env.HOST)} would let other machines in, and no password is set. ` +
        "Set HOLDFAST_PASSWORD, or leave HOST unset to serve this machine only.",
    );
  }
  const tls = parseTls(env.HOLDFAST_TLS_CERT, env.HOLDFAST_TLS_KEY);
  if (!tls.ok) return tls;
  const allowedHosts = parseAllowedHosts(env.HOLDFAST_ALLOWED_HOSTS);
  if (!allowedHosts.ok) return allowedHosts;
  const openai = parseOpenAi(env.OPENAI_BASE_URL, env.OPENAI_API_KEY, env.OPENAI_MODEL);
  if (!openai.ok) return openai;
  const ollamaUrl = parseOllama(env.OLLAMA_HOST);
  if (!ollamaUrl.ok) return ollamaUrl;

  return ok({
    port: numberOr(env.PORT, DEFAULT_PORT),
    host: host.value,
    dataDir: dataDirOf(environment),
    password,
    tls: tls.value,
    allowedHosts: allowedHosts.value,
    heartbeatMs: numberOr(env.HOLDFAST_HEARTBEAT_MS, DEFAULT_HEARTBEAT_MS),
    models: { openai: openai.value, ollamaUrl: ollamaUrl.value },
  });
}

/** Where the data is. Absolute; for the server and for what works on its data. */
export function dataDirOf(environment: Environment): string {
  const named = environment["HOLDFAST_DATA_DIR"]?.trim();
  return resolve(named === undefined || named === "" ? DEFAULT_DATA_DIR : named);
}

/** Whether nothing but this machine can reach `host`. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** Whether `host` means "every address of this machine". */
export function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function isHeartbeat(ms: number): boolean {
  return ms >= MIN_HEARTBEAT_MS && ms <= MAX_HEARTBEAT_MS;
}

function numberOr(text: string | undefined, fallback: number): number {
  return text === undefined || text === "" ? fallback : Number(text);
}

function quote(value: string | undefined): string {
  return JSON.stringify((value ?? "").slice(0, 100));
}

function parseHost(text: string | undefined): Result<string, string> {
  if (text === undefined) return ok(DEFAULT_HOST);
  const host = text
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1");
  // Digits and dots alone are an address or a slip, never a name.
  const isName = HOST_NAME.test(host) && !/^[0-9.]+$/.test(host);
  if (isIP(host) === 0 && !isName) {
    return err(
      `HOST=${quote(text)} is neither an address nor a host name. ` +
        "Use 127.0.0.1 for this machine only, or 0.0.0.0 for every network (with HOLDFAST_PASSWORD).",
    );
  }
  return ok(host);
}

function parseTls(cert: string | undefined, key: string | undefined): Result<TlsFiles | undefined, string> {
  if (cert === undefined && key === undefined) return ok(undefined);
  if (key === undefined) {
    return err(
      "HOLDFAST_TLS_CERT is set but HOLDFAST_TLS_KEY is not. Name the file of the private key as well.",
    );
  }
  if (cert === undefined) {
    return err(
      "HOLDFAST_TLS_KEY is set but HOLDFAST_TLS_CERT is not. Name the file of the certificate as well.",
    );
  }
  return ok({ certFile: resolve(cert.trim()), keyFile: resolve(key.trim()) });
}

function parseAllowedHosts(text: string | undefined): Result<readonly string[], string> {
  const hosts = (text ?? "")
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((part) => part !== "");
  for (const host of hosts) {
    const isValid = URL.canParse(`http://${host}/`) && !/[/?#@*]/.test(host);
    if (!isValid) {
      return err(
        `HOLDFAST_ALLOWED_HOSTS=${quote(text)} holds ${quote(host)}, which is not a host name. ` +
          "Give names separated by commas, without https:// and without *, e.g. chat.example.org,10.0.0.5:8080.",
      );
    }
  }
  return ok(hosts);
}

function parseOpenAi(
  baseUrl: string | undefined,
  apiKey: string | undefined,
  models: string | undefined,
): Result<OpenAiConfig | undefined, string> {
  // A key alone names no address: many have one in their environment for something else.
  if (baseUrl === undefined) return ok(undefined);
  const url = parseHttpUrl(baseUrl.trim());
  if (url === undefined) {
    return err(
      `OPENAI_BASE_URL=${quote(withoutCredentials(baseUrl))} is not an http address. ` +
        "Give the whole base address, e.g. http://127.0.0.1:8080/v1.",
    );
  }
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey.trim())) {
    return err("OPENAI_API_KEY holds a blank or a character that can't be sent. Copy the key again.");
  }
  const names = (models ?? "").split(",").map((name) => name.trim());
  return ok({
    baseUrl: url,
    apiKey: apiKey?.trim(),
    models: [...new Set(names)].filter((name) => name !== ""),
  });
}

/** Ollama's own variable: an address, `host:port`, or the address Ollama listens on (`0.0.0.0`). */
function parseOllama(text: string | undefined): Result<string, string> {
  if (text === undefined) return ok(DEFAULT_OLLAMA_URL);
  const trimmed = text.trim();
  const hasScheme = trimmed.includes("://");
  const url = parseHttpUrl(hasScheme ? trimmed : `http://${trimmed}`);
  if (url === undefined) {
    return err(
      `OLLAMA_HOST=${quote(withoutCredentials(text))} is not an address. Give host:port, e.g. OLLAMA_HOST=127.0.0.1:11434.`,
    );
  }
  const parsed = new URL(url);
  if (isWildcard(parsed.hostname.replace(/^\[(.*)\]$/, "$1"))) parsed.hostname = "127.0.0.1";
  // Port 80 and 443 are what an address without a port means to Ollama itself, but only with a scheme.
  if (parsed.port === "" && !hasScheme) parsed.port = "11434";
  return ok(parsed.href.replace(/\/+$/, ""));
}

function parseHttpUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  return url.href.replace(/\/+$/, "");
}

/** For messages: an address may carry a name and a password, written rightly or not. */
function withoutCredentials(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/*)?.*@/is, "$1");
}
