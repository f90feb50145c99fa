import { err, ok, type Result } from "../../src/protocol/result.ts";
import { problem, type Problem } from "../../src/protocol/problems.ts";
import { headerOf, type NodeRequest } from "./exchange.ts";

/**
 * The bytes of a request's body, at most `maxBytes`. What is beyond is read and dropped, so that the answer
 * can still be delivered; the connection's request timeout bounds that.
 */
export function readBody(request: NodeRequest, maxBytes: number): Promise<Result<Buffer, Problem>> {
  const tooLarge = err(
    problem("body-too-large", `The request is larger than ${maxBytes} bytes. Send less at once.`),
  );
  if (Number(headerOf(request, "content-length") ?? 0) > maxBytes) {
    request.resume();
    return Promise.resolve(tooLarge);
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size > maxBytes) {
        chunks.length = 0;
        resolve(tooLarge);
      } else chunks.push(chunk);
    });
    request.on("end", () => resolve(ok(Buffer.concat(chunks))));
    const broken = (): void =>
      resolve(err(problem("bad-request", "The request ended before its body did. Send it again.")));
    request.on("error", broken);
    request.on("aborted", broken);
    request.on("close", broken);
  });
}

/** The JSON of a body; `{}` for an empty one. */
export function parseJsonBody(request: NodeRequest, bytes: Buffer): Result<unknown, Problem> {
  if (bytes.byteLength === 0) return ok({});
  const type = (headerOf(request, "content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase();
  const encoding = headerOf(request, "content-encoding") ?? "identity";
  if (type !== "application/json" || encoding !== "identity") {
    return err(
      problem(
        "unsupported-media-type",
        "The body must be JSON, uncompressed: send Content-Type: application/json.",
      ),
    );
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return ok(value);
  } catch {
    // What the parser says quotes the body; that it is no JSON is all there is to say.
    return err(problem("bad-request", "The body is not JSON in UTF-8. Check it and send it again."));
  }
}
