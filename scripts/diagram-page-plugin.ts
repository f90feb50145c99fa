import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Script } from "node:vm";
import { build, version, type Plugin } from "vite";
import { DIAGRAM_POLICY, hashSource } from "./diagram-policy.ts";

const ROOT = new URL("..", import.meta.url);
const SOURCES = new URL("src/ui/markdown/diagram/", ROOT);
const FILE = "diagram.html";

/**
 * The page that draws diagrams, in a frame: one file with its script and style in it. A frame with an opaque origin would
 * need CORS, CORP and cookies for a script of its own to be let in; this one names its script by hash and lets in nothing.
 * Built apart, and kept in .cache, for it takes longer than all of the app.
 */
export function diagramPage(): Plugin {
  let page: Promise<string> | undefined;
  return {
    name: "holdfast-diagram-page",
    configureServer(server) {
      server.middlewares.use(`/${FILE}`, (_request, response, next) => {
        page ??= buildPage();
        void page.then(
          (html) =>
            response
              .setHeader("content-type", "text/html; charset=utf-8")
              .setHeader("cache-control", "no-cache")
              .end(html),
          next,
        );
      });
    },
    async generateBundle() {
      this.emitFile({ type: "asset", fileName: FILE, source: await buildPage() });
    },
  };
}

async function buildPage(): Promise<string> {
  const script = await cachedScript();
  const style = readFileSync(new URL("frame/diagram-frame.css", SOURCES), "utf8");
  const policy = DIAGRAM_POLICY.replace("SCRIPT_HASH", hashSource(script));
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Diagram</title>
    <style>${style}</style>
  </head>
  <body>
    <script>${script}</script>
  </body>
</html>
`;
}

async function cachedScript(): Promise<string> {
  const file = new URL(`.cache/diagram/${fingerprint()}.js`, ROOT);
  if (existsSync(file)) return readFileSync(file, "utf8");
  const script = await buildScript();
  mkdirSync(new URL(".", file), { recursive: true });
  writeFileSync(file, script);
  return script;
}

/** Of all that the script is made of. */
function fingerprint(): string {
  const hash = createHash("sha256").update(version);
  const own = globSync("**/*.ts", { cwd: SOURCES })
    .sort()
    .map((name) => new URL(name, SOURCES));
  for (const file of [...own, new URL(import.meta.url), new URL("node_modules/mermaid/package.json", ROOT)]) {
    hash.update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

async function buildScript(): Promise<string> {
  const built = await build({
    root: ROOT.pathname,
    configFile: false,
    logLevel: "error",
    // A third of the library is a layout that is asked for by name only, under a licence of another kind (EPL).
    resolve: { alias: { "elkjs/lib/elk.bundled.js": new URL("frame/no-elk.ts", SOURCES).pathname } },
    build: {
      write: false,
      target: ["chrome111", "firefox115", "safari16.4"],
      reportCompressedSize: false,
      lib: { entry: new URL("frame/diagram-frame.ts", SOURCES).pathname, formats: ["iife"], name: "diagram" },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [first] = Array.isArray(built) ? built : [built];
  const chunk = first !== undefined && "output" in first ? first.output[0] : undefined;
  if (chunk === undefined) throw new Error("The page for diagrams was built without a script.");
  // Text of a script element ends at its end tag, wherever that stands, and a comment's opening begins another state. [HTML § 4.12.1.3]
  const inlined = chunk.code.replaceAll(/<(\/script|!--)/gi, String.raw`\x3c$1`);
  // Right within a string, wrong as `a<!--b`: then the build fails, not the page.
  parseScript(inlined);
  return inlined;
}

/** Throws where it is no JavaScript. */
function parseScript(script: string): Script {
  return new Script(script);
}
