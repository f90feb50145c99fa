/** What HTML an answer may use, for Markdown has no other way to say it. Never with attributes. */
const ELEMENTS = [
  "br",
  "sub",
  "sup",
  "kbd",
  "mark",
  "u",
  "b",
  "i",
  "s",
  "em",
  "strong",
  "del",
  "ins",
  "small",
] as const;

export interface RawTag {
  readonly name: (typeof ELEMENTS)[number];
  readonly isClosing: boolean;
}

/** Reads one tag of the fixed list; anything else, an attribute too, is undefined and stays text. */
export function readRawTag(text: string): RawTag | undefined {
  const [, closing, given, selfClosing] = /^<(\/?)([a-z]{1,6})\s*(\/?)>$/i.exec(text) ?? [];
  const name = ELEMENTS.find((element) => element === given?.toLowerCase());
  // Of all of them a break alone has no end.
  if (name === undefined || (name === "br" ? closing : selfClosing) !== "") return undefined;
  return { name, isClosing: closing !== "" };
}
