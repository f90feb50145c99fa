/** Reads a body's text bit by bit. */
export interface TextReader {
  /** The next text; undefined at the end. Rejects when the stream breaks. */
  next(): Promise<string | undefined>;
  cancel(): Promise<void>;
}

export function createTextReader(response: Response): TextReader {
  if (response.body === null) throw new Error("The response has no body.");
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  return {
    async next() {
      const { done, value } = await reader.read();
      return done ? undefined : decoder.decode(value, { stream: true });
    },
    cancel: () => reader.cancel(),
  };
}
