import { parseArgs } from "node:util";

/** What `npm run conformance` was asked to do. */
export interface Options {
  /** Origin, without a slash at the end. */
  readonly baseUrl: string;
  readonly agent: string;
  /** Undefined: what the server's `hello` says. Unit: ms. */
  readonly heartbeatMs: number | undefined;
  readonly maxBodyBytes: number;
  /** Undefined: nobody is asked for one. */
  readonly password: string | undefined;
  /** `P3.2`, or a whole section, `P3`, `PX`. Empty: every rule. */
  readonly only: readonly string[];
  readonly jsonFile: string | undefined;
  readonly hooks: Hooks;
}

/** Shell commands that do to the server what HTTP cannot. Each returns when it is done. */
export interface Hooks {
  readonly kill: string | undefined;
  readonly restart: string | undefined;
  readonly backup: string | undefined;
  readonly restore: string | undefined;
}

export const USAGE = `npm run conformance -- http://host:port [options]

  --agent ID              the agent that plays the prompts of docs/CONFORMANCE.md (default: demo)
  --password-env NAME     the environment variable that holds the server's password
  --heartbeat-ms N        what the server should ping at (default: what its hello says)
  --max-body-bytes N      the largest body it should read (default: 8388608)
  --only RULE             P3.2, or a section: P3, PX; more than once, or divided by commas
  --json FILE             write the results there, too
  --kill-command CMD      ends the server without warning and starts it again
  --restart-command CMD   ends the server as planned and starts it again
  --backup-command CMD    takes a backup
  --restore-command CMD   restores that backup and starts the server again

It exits with 0 when every rule that applies holds, 1 when one does not, 2 when it could not run.`;

/** Said to the user as it is; the run ends with 2. */
export class CannotRun extends Error {
  override readonly name = "CannotRun";
}

const OPTIONS = {
  agent: { type: "string", default: "demo" },
  "password-env": { type: "string" },
  "heartbeat-ms": { type: "string" },
  "max-body-bytes": { type: "string", default: "8388608" },
  only: { type: "string", multiple: true },
  json: { type: "string" },
  "kill-command": { type: "string" },
  "restart-command": { type: "string" },
  "backup-command": { type: "string" },
  "restore-command": { type: "string" },
} as const;

/** Throws {@link CannotRun} with what is wrong and what to do. `known`: every rule's number. */
export function readOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  known: ReadonlySet<string>,
): Options {
  const { values, positionals } = parse(args);
  const [address, ...more] = positionals;
  if (address === undefined) throw new CannotRun(`Which server? Name its address.\n\n${USAGE}`);
  if (more.length > 0) throw new CannotRun(`One server at a time: "${more.join(" ")}" is too much.`);
  const hooks: Hooks = {
    kill: values["kill-command"],
    restart: values["restart-command"],
    backup: values["backup-command"],
    restore: values["restore-command"],
  };
  if ((hooks.backup === undefined) !== (hooks.restore === undefined)) {
    throw new CannotRun("--backup-command and --restore-command go together: give both or neither.");
  }
  return {
    baseUrl: readAddress(address),
    agent: values.agent,
    heartbeatMs: readCount("--heartbeat-ms", values["heartbeat-ms"]),
    maxBodyBytes: readCount("--max-body-bytes", values["max-body-bytes"]) ?? 0,
    password: readPassword(values["password-env"], environment),
    only: readOnly(values.only ?? [], known),
    jsonFile: values.json,
    hooks,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new CannotRun(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function readAddress(text: string): string {
  const hint = `"${text}" is not the address of a server. Give one like http://127.0.0.1:4173.`;
  if (!URL.canParse(text)) throw new CannotRun(hint);
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new CannotRun(hint);
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw new CannotRun(`"${text}" has a path. The API is at /api of the server: give ${url.origin} alone.`);
  }
  return url.origin;
}

function readCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new CannotRun(`${name} "${text}" is not a whole number above 0.`);
  return Number(text);
}

function readPassword(
  name: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (name === undefined) return undefined;
  const password = environment[name];
  if (password === undefined || password === "") {
    throw new CannotRun(
      `--password-env ${name}: there is no such variable. Set it: ${name}=… npm run conformance …`,
    );
  }
  return password;
}

function readOnly(items: readonly string[], known: ReadonlySet<string>): readonly string[] {
  const wanted = items.flatMap((item) => item.split(",")).map((item) => item.trim());
  for (const item of wanted) {
    if (![...known].some((number) => isWithin(number, item))) {
      throw new CannotRun(
        `--only ${item}: no test has that rule. Give a number of docs/PROTOCOL.md like P3.2, or a section like P3; ` +
          "what its section 6 lists is tested elsewhere.",
      );
    }
  }
  return wanted;
}

/** Whether the rule `number` is `item` or lies in the section `item`. */
export function isWithin(number: string, item: string): boolean {
  return number === item || number.startsWith(`${item}.`);
}
