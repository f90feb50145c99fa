import type { DecodeReference } from "./character-reference.ts";
import type { LinkDefinition } from "./link-definition.ts";

/** What the text of a block depends on beside itself. */
export interface InlineContext {
  readonly isGfm: boolean;
  readonly hasMath: boolean;
  readonly hasFootnotes: boolean;
  readonly decode: DecodeReference;
  /** By normalized label. Whoever answers remembers that it was asked. */
  findDefinition(label: string): LinkDefinition | undefined;
  /** The label as its definition has it; undefined: there is no such footnote. */
  findFootnote(label: string): string | undefined;
}
