import { findEmails } from "./autolink.ts";
import type { InlineItem } from "./inline-item.ts";
import type { InlineNode } from "./tree.ts";

/** Gives ids; 0 stands for a node that isn't in the tree yet. */
const NO_ID = 0;

/** The node for an item that isn't text. */
export function inlineNode(item: InlineItem, hasEmails: boolean): InlineNode {
  const { type, text } = item;
  switch (type) {
    case "text":
    case "code-span":
    case "html-span":
      return { type, id: NO_ID, text };
    case "math-span":
      return { type, id: NO_ID, text, isDisplay: item.isDisplay };
    case "hard-break":
      return { type, id: NO_ID };
    case "footnote-reference":
      return { type, id: NO_ID, label: text, number: 0, occurrence: 0 };
    case "emphasis":
    case "strong":
    case "strikethrough":
    case "link":
    case "image": {
      const holder = holderNode(type, item);
      pushNodes(holder.children, item.first, hasEmails && type !== "link");
      return holder;
    }
  }
}

/** Without what is in it. */
export function holderNode(
  type: Extract<InlineNode, { children: unknown }>["type"],
  { destination, title }: Pick<InlineItem, "destination" | "title">,
): Extract<InlineNode, { children: unknown }> {
  const children: InlineNode[] = [];
  if (type === "link" || type === "image") return { type, id: NO_ID, destination, title, children };
  return { type, id: NO_ID, children };
}

/** The nodes of a text of which so much of a word was before: e-mail addresses are links. Gives where the last one begins. */
export function pushText(nodes: InlineNode[], text: string, hasEmails: boolean, wordChars = 0): number {
  let from = 0;
  for (const email of hasEmails ? findEmails(text, wordChars) : []) {
    if (email.start > from) nodes.push({ type: "text", id: NO_ID, text: text.slice(from, email.start) });
    const children: InlineNode[] = [{ type: "text", id: NO_ID, text: email.text }];
    nodes.push({ type: "link", id: NO_ID, destination: email.destination, title: undefined, children });
    from = email.end;
  }
  if (from < text.length) nodes.push({ type: "text", id: NO_ID, text: from === 0 ? text : text.slice(from) });
  return from;
}

/** The nodes for the items from `first` on: neighbouring texts are one. */
function pushNodes(nodes: InlineNode[], first: InlineItem | undefined, hasEmails: boolean): void {
  let text = "";
  for (let item = first; item !== undefined; item = item.next) {
    if (item.type === "text") {
      text += item.text;
      continue;
    }
    pushText(nodes, text, hasEmails);
    text = "";
    nodes.push(inlineNode(item, hasEmails));
  }
  pushText(nodes, text, hasEmails);
}
