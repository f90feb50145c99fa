/** The page was taken from under a command: it navigated to another document, crashed or was closed. */
export class PageGoneError extends Error {
  override readonly name = "PageGoneError";
}

/** Undefined when the page went meanwhile: what comes next is prepared by itself. */
export async function unlessGone<Value>(answer: Promise<Value>): Promise<Value | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof PageGoneError) return undefined;
    throw error;
  }
}
