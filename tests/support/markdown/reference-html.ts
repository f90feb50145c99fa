import { HtmlRenderer, Parser } from "commonmark";
import { COMMONMARK } from "./options.ts";
import { parseWhole } from "./follow-stream.ts";
import { treeHtml } from "./tree-html.ts";
import { walkTree } from "./tree-dump.ts";

const parser = new Parser();
const renderer = new HtmlRenderer();

/** What CommonMark makes of a text: the reference implementation's HTML and ours. */
export interface TwoOpinions {
  readonly reference: string;
  readonly ours: string;
}

/** Asks both. Blank lines at the end of raw HTML are left out of both: the specification doesn't say whose they are. */
export function askBoth(text: string, isEnded: boolean): TwoOpinions {
  const root = parseWhole(text, COMMONMARK, isEnded);
  // What is left of a paragraph of nothing but definitions, before what would have been its underline.
  const html = renderer.render(parser.parse(text)).replaceAll("<p></p>\n", "");
  const opinions = { reference: withoutDoubleBreaks(html), ours: withoutDoubleBreaks(treeHtml(root)) };
  if (![...walkTree(root)].some((node) => node.type === "html-block")) return opinions;
  return { reference: withoutBlankLines(opinions.reference), ours: withoutBlankLines(opinions.ours) };
}

/** All that JavaScript's `trim` takes off the ends of a text, where the specification means spaces and tabs. */
const OTHER_SPACE = /[^\S \t\r\n]/;
/** Halves of them are looked at, where the specification means characters. */
const ASTRAL = /[\ud800-\udfff]/;
/** cmark and commonmark.js differ in whether a definition after a blank line makes its list loose; we go with cmark. */
const DEFINITION_IN_LIST = /(?:[-+*]|\d[.)])[^]*\[[^]+\]:/;

/**
 * Of two definitions of one label commonmark.js takes the second where that stands before what would be its underline, for
 * those are read at once and all others at the end; the specification means the first, and so do cmark and we.
 */
const DEFINED_TWICE_AND_UNDERLINED = /\]:[^]*\]:[^]*\n[ \t>]*(?:=+|-+)[ \t]*(?:\n|$)/;

/** A tab within a link's tail ends it there, which the specification allows; a text's last carriage return is a line. */
const TAB_IN_TAIL = /\]\([^)]*\t|\r$/;

/** Tabs around the parts of a definition are space in the specification and in cmark. */
const TAB_IN_DEFINITION = /\]:(?:[^\n]*\t|[^]*["')][ \t]*\t[ \t]*(?:\n|$))/;

/** Whether the reference implementation is an authority for this text. */
export function canBeAsked(text: string): boolean {
  const unasked = [
    OTHER_SPACE,
    ASTRAL,
    DEFINITION_IN_LIST,
    DEFINED_TWICE_AND_UNDERLINED,
    TAB_IN_TAIL,
    TAB_IN_DEFINITION,
  ];
  return !unasked.some((pattern) => pattern.test(text));
}

/** The renderer writes no second line end in a row, where it has left out the tag of a hard break: in the text of an image. */
function withoutDoubleBreaks(html: string): string {
  return html.replaceAll(/ alt="[^"]*"/g, (alt) => alt.replaceAll(/\n+/g, "\n"));
}

function withoutBlankLines(html: string): string {
  return html.replaceAll(/\n[ \t]*(?=\n)/g, "");
}
