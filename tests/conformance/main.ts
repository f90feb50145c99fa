import { writeFileSync } from "node:fs";
import { CannotRun, readOptions, USAGE } from "./options.ts";
import { preflight } from "./preflight.ts";
import { readProtocolDocument } from "./protocol-document.ts";
import { jsonReport, tally, textReport } from "./report.ts";
import { conformanceRules } from "./rules.ts";
import { chosen, runRules } from "./run-rules.ts";
import { createUrlTarget } from "./url-target.ts";

// npm run conformance -- http://host:port: the whole suite against a server that runs somewhere. See docs/CONFORMANCE.md.

/** Resolves with the exit code: 0 when every rule that applies holds, 1 when one does not. */
async function main(args: readonly string[]): Promise<0 | 1> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(USAGE);
    return 0;
  }
  const tests = conformanceRules();
  const options = readOptions(args, process.env, new Set(tests.flatMap((test) => test.numbers)));
  const beganAtMs = performance.now();
  const found = await preflight(options);
  const { shared, makeOwn } = await createUrlTarget(options, found.heartbeatMs);
  console.log(
    `${options.baseUrl}: version ${found.version}, protocol ${found.protocol}, agent ${options.agent}, a heartbeat of ${shared.heartbeatMs} ms.`,
  );
  const wanted = chosen(tests, options.only);
  const progress = createProgress(wanted.length);
  const results = await runRules(wanted, shared, makeOwn, progress.step);
  progress.clear();
  const wallMs = Math.round(performance.now() - beganAtMs);
  const document = readProtocolDocument();
  console.log(textReport(results, document, wallMs));
  if (options.jsonFile !== undefined) {
    const facts = {
      url: options.baseUrl,
      version: found.version,
      protocol: found.protocol,
      agent: options.agent,
      heartbeatMs: shared.heartbeatMs,
      wallMs,
    };
    writeFileSync(options.jsonFile, jsonReport(results, document, facts));
  }
  return tally(results).failing.length === 0 ? 0 : 1;
}

/** One line that counts, where a person looks; nothing in a file. */
function createProgress(total: number): { readonly step: () => void; readonly clear: () => void } {
  let done = 0;
  const write = (text: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
  };
  return {
    step() {
      done += 1;
      write(`${done} of ${total} …`);
    },
    clear: () => write(""),
  };
}

try {
  // Not `process.exitCode`: a stream that a failed test left open must not keep the command waiting.
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof CannotRun)) throw error;
  console.error(error.message);
  process.exit(2);
}
