/** The server can't start, for a reason an operator can change. The message is one line: what, with its value, and what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}
