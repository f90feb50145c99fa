import { TOKEN_KINDS, type TokenKind } from "./token-kinds.ts";

/** TextMate scopes of each kind. Within one grammar the longest match wins, whatever the order. */
const SCOPES: Readonly<Record<Exclude<TokenKind, "text">, readonly string[]>> = {
  comment: ["comment", "punctuation.definition.comment", "string.quoted.docstring", "meta.diff.header"],
  string: [
    "string",
    "punctuation.definition.string",
    "constant.other.symbol",
    "markup.inline.raw",
    "markup.raw",
    "meta.attribute-selector",
  ],
  keyword: [
    "keyword",
    "storage",
    "variable.language",
    "constant.language",
    "support.type.primitive",
    "keyword.operator.new",
    "keyword.operator.expression",
    "keyword.operator.logical.python",
    "keyword.operator.word",
    "entity.name.tag.yaml.directive",
    "markup.bold",
  ],
  number: ["constant.numeric", "constant.other.color", "keyword.other.unit", "constant.other.date"],
  function: [
    "entity.name.function",
    "support.function",
    "meta.function-call.generic",
    "variable.function",
    "entity.name.command",
  ],
  type: [
    "entity.name.type",
    "entity.name.class",
    "entity.name.namespace",
    "entity.other.inherited-class",
    "support.class",
    "support.type",
    "entity.other.attribute-name.class.css",
    "entity.other.attribute-name.id.css",
  ],
  property: [
    "entity.other.attribute-name",
    "support.type.property-name",
    "meta.object-literal.key",
    "variable.other.property",
    "variable.other.object.property",
    "variable.parameter",
    "variable.other.normal.shell",
    "entity.name.tag.yaml",
    "markup.underline.link",
  ],
  tag: [
    "entity.name.tag",
    "punctuation.definition.tag",
    "meta.preprocessor",
    "entity.name.function.decorator",
  ],
  escape: [
    "constant.character.escape",
    "constant.character.entity",
    "string.regexp",
    "keyword.operator.quantifier",
  ],
  inserted: ["markup.inserted", "punctuation.definition.inserted"],
  deleted: ["markup.deleted", "punctuation.definition.deleted"],
  heading: ["markup.heading", "meta.diff.range", "entity.name.section", "markup.changed"],
};

/** Scopes that are told from their surroundings by being nothing special. */
const PLAIN = [
  "keyword.operator",
  "punctuation",
  "meta.template.expression",
  "punctuation.definition.template-expression",
  "punctuation.section.embedded",
  "storage.type.function.arrow",
  "meta.embedded",
  "string.unquoted.argument",
  "string.unquoted.plain.out.yaml",
];

/** A colour of a TextMate theme that stands for a kind: its place in the list. */
const colorOf = (kind: number): string => `#0000${kind.toString(16).padStart(2, "0")}`;

export function kindOfColor(color: string | undefined): number {
  const kind = color === undefined ? 0 : Number.parseInt(color.slice(1), 16);
  return kind < TOKEN_KINDS.length ? kind : 0;
}

/** Tells kinds instead of colours, so that the page's own colours apply, in light and dark. */
export const TOKEN_THEME = {
  name: "holdfast",
  type: "light" as const,
  colors: { "editor.foreground": colorOf(0), "editor.background": "#ffffff" },
  settings: [
    { settings: { foreground: colorOf(0), background: "#ffffff" } },
    { scope: [...PLAIN], settings: { foreground: colorOf(0) } },
    ...Object.entries(SCOPES).map(([kind, scopes]) => ({
      scope: [...scopes],
      settings: { foreground: colorOf(TOKEN_KINDS.indexOf(kind as TokenKind)) },
    })),
  ],
};
