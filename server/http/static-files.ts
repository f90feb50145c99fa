import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { headerOf, respond, type NodeRequest, type NodeResponse } from "./exchange.ts";
import { acceptedEncoding, type Encoding } from "./accepted-encoding.ts";
import { DIAGRAM_PATH, diagramHeaders } from "./diagram-page.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

/** Fonts and pictures are compressed as they are. */
const COMPRESSED_ALREADY = new Set([".ico", ".jpg", ".png", ".webp", ".woff2"]);

/** What browsers and home screens fetch without a cookie: the app's name and pictures. */
const PUBLIC = new Set([".ico", ".png", ".svg", ".webmanifest"]);

interface StaticFile {
  readonly type: string;
  readonly cacheControl: string;
  readonly etag: string;
  readonly bytes: Buffer;
  readonly isPublic: boolean;
  readonly canCompress: boolean;
  /** Its own, in the place of those of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Made when first asked for. */
  readonly compressed: Map<Encoding, Promise<Buffer>>;
}

/** The built app, in memory as it was at start: a build that runs meanwhile can't mix two versions. */
export interface StaticFiles {
  readonly isBuilt: boolean;
  /** Whether a file of that exact path may be had without a cookie. */
  isPublic(path: string): boolean;
  has(path: string): boolean;
  /** Answers with the file of that exact path. Only for a path that {@link has}. */
  send(request: NodeRequest, response: NodeResponse, path: string): Promise<void>;
}

/** Reads every file of `directory`. A request only ever looks its path up in this list. */
export function readStaticFiles(directory: string): StaticFiles {
  const files = new Map<string, StaticFile>();
  for (const file of listFiles(directory)) {
    const path = `/${relative(directory, file).split(sep).join("/")}`;
    // Dot files are the build's own notes.
    if (!path.includes("/.")) files.set(path, readStaticFile(file, path));
  }

  return {
    isBuilt: files.has("/index.html"),
    isPublic: (path) => files.get(path)?.isPublic === true,
    has: (path) => files.has(path),
    async send(request, response, path) {
      const file = files.get(path);
      if (file === undefined) throw new Error(`no static file ${path}`);
      const encoding = file.canCompress
        ? acceptedEncoding(headerOf(request, "accept-encoding"), ["br", "gzip"])
        : undefined;
      const etag = encoding === undefined ? `"${file.etag}"` : `"${file.etag}-${encoding}"`;
      const headers = {
        ...file.headers,
        "cache-control": file.cacheControl,
        etag,
        ...(file.canCompress ? { vary: "accept-encoding" } : {}),
      };
      if ((headerOf(request, "if-none-match") ?? "").split(/\s*,\s*/).includes(etag)) {
        return respond(request, response, 304, headers);
      }
      const bytes = encoding === undefined ? file.bytes : await compressedBytes(file, encoding);
      const more = {
        "content-type": file.type,
        ...(encoding === undefined ? {} : { "content-encoding": encoding }),
      };
      return respond(request, response, 200, { ...headers, ...more }, bytes);
    },
  };
}

function readStaticFile(file: string, path: string): StaticFile {
  const bytes = readFileSync(file);
  const extension = extname(path).toLowerCase();
  return {
    type: TYPES[extension] ?? "application/octet-stream",
    // Vite names what is in assets/ by its content.
    cacheControl: path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
    etag: createHash("sha256").update(bytes).digest("base64url").slice(0, 22),
    bytes,
    isPublic: PUBLIC.has(extension),
    canCompress: !COMPRESSED_ALREADY.has(extension) && bytes.byteLength > 1_400,
    headers: path === DIAGRAM_PATH ? diagramHeaders(bytes.toString("utf8")) : {},
    compressed: new Map(),
  };
}

function compressedBytes(file: StaticFile, encoding: Encoding): Promise<Buffer> {
  const known = file.compressed.get(encoding);
  if (known !== undefined) return known;
  const made =
    encoding === "br"
      ? promisify(brotliCompress)(file.bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
      : promisify(gzip)(file.bytes);
  file.compressed.set(encoding, made);
  return made;
}

function listFiles(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    // Not built: said at start, and to whoever asks for a page.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
