/**
 * Reads the `data` of server-sent events out of text cut anywhere: CRLF, CR and LF, comments, several data lines.
 * Unlike a browser's it also gives what stands unfinished at the end: model servers leave out the last blank line.
 */
export class SseDataReader {
  #line = "";
  #data: string[] = [];
  /** The last chunk ended with CR: an LF that comes next belongs to it. */
  #endedWithCr = false;

  push(chunk: string): readonly string[] {
    const messages: string[] = [];
    let text = this.#endedWithCr && chunk.startsWith("\n") ? chunk.slice(1) : chunk;
    if (chunk !== "") this.#endedWithCr = chunk.endsWith("\r");
    text = this.#line + text;
    const lines = text.split(/\r\n|\n|\r/);
    this.#line = lines.pop() ?? "";
    for (const line of lines) this.#readLine(line, messages);
    return messages;
  }

  end(): readonly string[] {
    const messages: string[] = [];
    if (this.#line !== "") this.#readLine(this.#line, messages);
    this.#line = "";
    this.#readLine("", messages);
    return messages;
  }

  #readLine(line: string, messages: string[]): void {
    if (line === "") {
      if (this.#data.length > 0) messages.push(this.#data.join("\n"));
      this.#data = [];
      return;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    // Old llama.cpp names its errors by the field: `error: {…}`.
    if (field === "data") this.#data.push(value);
    else if (field === "error") messages.push(`{"error":${value}}`);
  }
}
