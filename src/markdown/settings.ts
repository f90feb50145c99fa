import type { DecodeReference } from "./character-reference.ts";

/** The options of a stream with their defaults. */
export interface Settings {
  readonly isGfm: boolean;
  readonly hasFootnotes: boolean;
  readonly hasMath: boolean;
  readonly isHealing: boolean;
  readonly decode: DecodeReference;
}
