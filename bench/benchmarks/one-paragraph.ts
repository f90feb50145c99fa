import { oneKind } from "./one-kind.ts";

/** Shorter than the others: engines lay out a paragraph as a whole, the floor's as well as ours. */
const CHARS = 20_000;

export const benchmark = oneKind("paragraph", {}, CHARS);
