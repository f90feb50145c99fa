import type {
  BlockNode,
  CodeBlockNode,
  DocumentNode,
  FootnoteNode,
  InlineNode,
  ListItemNode,
  ListNode,
  TableNode,
  TableRowNode,
} from "../../../src/markdown/tree.ts";
import { createHtmlOutput, encodeUri, escapeHtml, type HtmlOutput } from "./html-output.ts";

/**
 * The HTML of the specification's examples: raw HTML as it is, tables, tasks and footnotes as cmark-gfm writes them,
 * math as `<math>` with its source. For tests alone: the product never makes HTML text.
 */
export function treeHtml(root: DocumentNode): string {
  const out = createHtmlOutput();
  writeBlocks(root.children, out, false);
  return out.toString();
}

export function inlineHtml(nodes: readonly InlineNode[]): string {
  return nodes.map((node) => inline(node)).join("");
}

function writeBlocks(blocks: readonly BlockNode[], out: HtmlOutput, isTight: boolean): void {
  for (const block of blocks) writeBlock(block, out, isTight);
}

function writeBlock(node: BlockNode, out: HtmlOutput, isTight: boolean): void {
  switch (node.type) {
    case "paragraph":
      if (isTight) out.raw(inlineHtml(node.children));
      else writeLine(out, `<p>${inlineHtml(node.children)}</p>`);
      return;
    case "heading":
      writeLine(out, `<h${node.level}>${inlineHtml(node.children)}</h${node.level}>`);
      return;
    case "block-quote":
      writeLine(out, "<blockquote>");
      writeBlocks(node.children, out, false);
      writeLine(out, "</blockquote>");
      return;
    case "list":
      writeList(node, out);
      return;
    case "code-block":
      writeLine(out, codeBlock(node));
      return;
    case "html-block":
      out.lineEnd();
      out.raw(`${node.text}\n`);
      return;
    case "math-block":
      writeLine(out, `<math display="block">${escapeHtml(node.text)}</math>`);
      return;
    case "thematic-break":
      writeLine(out, "<hr />");
      return;
    case "table":
      writeTable(node, out);
      return;
    case "footnotes":
      writeLine(out, '<section class="footnotes" data-footnotes>\n<ol>');
      for (const footnote of node.children) writeFootnote(footnote, out);
      writeLine(out, "</ol>\n</section>");
      return;
    case "list-item":
    case "table-row":
    case "table-cell":
    case "footnote":
      throw new Error(`A ${node.type} (id ${node.id}) stands outside of what holds it.`);
  }
}

function writeLine(out: HtmlOutput, html: string): void {
  out.lineEnd();
  out.raw(html);
  out.lineEnd();
}

function writeList(node: ListNode, out: HtmlOutput): void {
  const start = node.isOrdered && node.start !== 1 ? ` start="${node.start}"` : "";
  writeLine(out, node.isOrdered ? `<ol${start}>` : "<ul>");
  for (const item of node.children) writeItem(item, out, !node.isLoose);
  writeLine(out, node.isOrdered ? "</ol>" : "</ul>");
}

function writeItem(item: ListItemNode, out: HtmlOutput, isTight: boolean): void {
  out.raw("<li>");
  if (item.isChecked !== undefined) {
    out.raw(`<input ${item.isChecked ? 'checked="" ' : ""}disabled="" type="checkbox"> `);
  }
  writeBlocks(item.children, out, isTight);
  out.raw("</li>");
  out.lineEnd();
}

function codeBlock(node: CodeBlockNode): string {
  const language = node.info.split(/\s+/)[0] ?? "";
  const attribute = language === "" ? "" : ` class="language-${escapeHtml(language)}"`;
  const text = node.text === "" || node.text.endsWith("\n") ? node.text : `${node.text}\n`;
  return `<pre><code${attribute}>${escapeHtml(text)}</code></pre>`;
}

function writeTable(table: TableNode, out: HtmlOutput): void {
  const [header, ...rows] = table.children;
  writeLine(out, "<table>\n<thead>");
  if (header !== undefined) writeRow(header, out);
  writeLine(out, "</thead>");
  if (rows.length > 0) {
    writeLine(out, "<tbody>");
    for (const row of rows) writeRow(row, out);
    writeLine(out, "</tbody>");
  }
  writeLine(out, "</table>");
}

function writeRow(row: TableRowNode, out: HtmlOutput): void {
  const name = row.isHeader ? "th" : "td";
  writeLine(out, "<tr>");
  for (const cell of row.children) {
    const alignment = cell.alignment === undefined ? "" : ` align="${cell.alignment}"`;
    writeLine(out, `<${name}${alignment}>${inlineHtml(cell.children)}</${name}>`);
  }
  writeLine(out, "</tr>");
}

function writeFootnote(footnote: FootnoteNode, out: HtmlOutput): void {
  const label = encodeUri(footnote.label);
  const links: string[] = [];
  for (let index = 1; index <= footnote.references; index += 1) {
    const occurrence = index === 1 ? "" : `-${index}`;
    const mark = index === 1 ? "" : `<sup class="footnote-ref">${index}</sup>`;
    links.push(
      `<a href="#fnref-${label}${occurrence}" class="footnote-backref" data-footnote-backref aria-label="Back to content">↩${mark}</a>`,
    );
  }
  const last = footnote.children.at(-1);
  writeLine(out, `<li id="fn-${label}">`);
  if (last?.type === "paragraph") {
    writeBlocks(footnote.children.slice(0, -1), out, false);
    writeLine(out, `<p>${inlineHtml(last.children)} ${links.join(" ")}</p>`);
  } else {
    writeBlocks(footnote.children, out, false);
    writeLine(out, links.join(" "));
  }
  writeLine(out, "</li>");
}

const TAGS = { emphasis: "em", strong: "strong", strikethrough: "del" } as const;

function inline(node: InlineNode): string {
  switch (node.type) {
    case "text":
      return escapeHtml(node.text);
    case "code-span":
      return `<code>${escapeHtml(node.text)}</code>`;
    case "math-span":
      return `<math${node.isDisplay ? ' display="block"' : ""}>${escapeHtml(node.text)}</math>`;
    case "html-span":
      return node.text;
    case "hard-break":
      return "<br />\n";
    case "emphasis":
    case "strong":
    case "strikethrough":
      return `<${TAGS[node.type]}>${inlineHtml(node.children)}</${TAGS[node.type]}>`;
    case "link":
      return `<a href="${uri(node.destination)}"${title(node.title)}>${inlineHtml(node.children)}</a>`;
    case "image":
      return `<img src="${uri(node.destination)}" alt="${plainText(node.children)}"${title(node.title)} />`;
    case "footnote-reference": {
      const label = encodeUri(node.label);
      const occurrence = node.occurrence === 1 ? "" : `-${node.occurrence}`;
      return `<sup class="footnote-ref"><a href="#fn-${label}" id="fnref-${label}${occurrence}" data-footnote-ref>${node.number}</a></sup>`;
    }
  }
}

const uri = (destination: string): string => escapeHtml(encodeUri(destination));

const title = (text: string | undefined): string =>
  text === undefined || text === "" ? "" : ` title="${escapeHtml(text)}"`;

/** What an image's description says without its markup; raw HTML is there as the reference implementation has it. */
function plainText(nodes: readonly InlineNode[]): string {
  return nodes
    .map((node) => {
      if ("children" in node) return plainText(node.children);
      if (node.type === "html-span") return node.text;
      if ("text" in node) return escapeHtml(node.text);
      return node.type === "footnote-reference" ? "" : "\n";
    })
    .join("");
}
