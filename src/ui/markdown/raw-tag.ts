/** What HTML an answer may use, for Markdown has no other way to say it. Never with attributes. */
const ELEMENTS = [
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

export type RawElementName = (typeof ELEMENTS)[number];

export type RawTag =
  | { readonly kind: "break" }
  | { readonly kind: "open" | "close"; readonly name: RawElementName };

/** Reads one tag of the fixed list; anything else, an attribute too, is undefined and stays text. */
export function readRawTag(text: string): RawTag | undefined {
  const match = /^<(\/?)([a-z]{1,6})\s*(\/?)>$/i.exec(text);
  if (match === null) return undefined;
  const [, closing = "", given = "", selfClosing = ""] = match;
  const name = given.toLowerCase();
  if (name === "br") return closing === "" ? { kind: "break" } : undefined;
  const known = ELEMENTS.find((element) => element === name);
  if (known === undefined || selfClosing !== "") return undefined;
  return { kind: closing === "" ? "open" : "close", name: known };
}
