import { findEmail } from "./autolink.ts";
import type { InlineItem } from "./inline-item.ts";
import type { InlineNode } from "./tree.ts";

/** Gives ids; 0 stands for a node that isn't in the tree yet. */
const NO_ID = 0;

/** The nodes for the items from `first` to `last`: neighbouring texts are one, e-mail addresses are links. */
export function inlineNodes(
  first: InlineItem | undefined,
  last: InlineItem | undefined,
  hasEmails: boolean,
): InlineNode[] {
  const nodes: InlineNode[] = [];
  let text = "";
  const flush = (): void => {
    if (text !== "") pushText(nodes, text, hasEmails);
    text = "";
  };
  for (let item = first; item !== undefined; item = item === last ? undefined : item.next) {
    if (item.type === "text") {
      text += item.text;
    } else {
      flush();
      nodes.push(inlineNode(item, hasEmails));
    }
  }
  flush();
  return nodes;
}

function inlineNode(item: InlineItem, hasEmails: boolean): InlineNode {
  const { type, text } = item;
  switch (type) {
    case "text":
    case "code-span":
    case "html-span":
      return { type, id: NO_ID, text };
    case "math-span":
      return { type, id: NO_ID, text, isDisplay: item.isDisplay };
    case "soft-break":
    case "hard-break":
      return { type, id: NO_ID };
    case "footnote-reference":
      return { type, id: NO_ID, label: text, number: 0, occurrence: 0 };
    case "emphasis":
    case "strong":
    case "strikethrough":
      return { type, id: NO_ID, children: inlineNodes(item.first, undefined, hasEmails) };
    case "link":
    case "image": {
      const children = inlineNodes(item.first, undefined, hasEmails && type === "image");
      return { type, id: NO_ID, destination: item.destination, title: item.title, children };
    }
  }
}

function pushText(nodes: InlineNode[], text: string, hasEmails: boolean): void {
  let from = 0;
  for (
    let email = hasEmails ? findEmail(text, 0) : undefined;
    email !== undefined;
    email = findEmail(text, from)
  ) {
    if (email.start > from) nodes.push({ type: "text", id: NO_ID, text: text.slice(from, email.start) });
    const children: InlineNode[] = [{ type: "text", id: NO_ID, text: email.text }];
    nodes.push({ type: "link", id: NO_ID, destination: email.destination, title: undefined, children });
    from = email.end;
  }
  if (from < text.length) nodes.push({ type: "text", id: NO_ID, text: from === 0 ? text : text.slice(from) });
}
