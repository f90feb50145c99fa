// @vitest-environment happy-dom
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { BlockNode, InlineNode, MarkdownNode, ParagraphNode } from "../../../../src/markdown/tree.ts";
import { NO_DECORATIONS, type Decorations } from "../../../../src/ui/markdown/decorations.ts";
import { createTreeWriter, type TreeWriter } from "../../../../src/ui/markdown/tree-writer.ts";
import { childrenOf, createEditedTree, type EditedTree } from "./edited-tree.ts";

type Child = BlockNode | InlineNode;

interface Page {
  readonly tree: EditedTree;
  readonly mount: HTMLElement;
  readonly writer: TreeWriter;
  /** Writes what has changed. */
  readonly flush: (isEnded?: boolean) => void;
}

function open(decorations: Decorations = NO_DECORATIONS): Page {
  const tree = createEditedTree();
  const mount = document.createElement("div");
  const writer = createTreeWriter(mount, tree.root, { decorations, idPrefix: "t-" });
  return { tree, mount, writer, flush: (isEnded = false) => writer.apply(tree.takeChanges(), isEnded) };
}

/** The page of the same tree, written at once. */
function wholeOf(tree: EditedTree): string {
  const mount = document.createElement("div");
  const empty = { ...tree.root, children: [] };
  const writer = createTreeWriter(mount, empty, { decorations: NO_DECORATIONS, idPrefix: "t-" });
  for (const node of tree.root.children) {
    empty.children.push(node as never);
    writer.apply([{ kind: "insert", parent: 0, before: undefined, node }], false);
  }
  return mount.innerHTML;
}

function text(tree: EditedTree, words: string): InlineNode {
  return { id: tree.nextId(), type: "text", text: words };
}

function paragraph(tree: EditedTree, ...children: InlineNode[]): ParagraphNode {
  return { id: tree.nextId(), type: "paragraph", children };
}

function words(tree: EditedTree, ...said: string[]): void {
  for (const word of said) tree.insert(tree.root, paragraph(tree, text(tree, word)));
}

test("blocks stand apart in the page's text, wherever they are put in and taken out", () => {
  const { tree, mount, flush } = open();
  words(tree, "two", "four");
  flush();
  tree.insert(tree.root, paragraph(tree, text(tree, "one")), tree.root.children[0]);
  tree.insert(tree.root, paragraph(tree, text(tree, "three")), tree.root.children[2]);
  flush();
  expect(mount.textContent).toBe("one\ntwo\nthree\nfour");
  for (const left of ["two\nthree\nfour", "three\nfour", "four", ""]) {
    tree.remove(tree.root, tree.root.children[0] as Child);
    flush();
    expect(mount.textContent).toBe(left);
  }
});

test("from the 17th on blocks stand in groups of 16, those in groups of 16, and those before are not touched", () => {
  const { tree, mount, flush } = open();
  words(tree, ...Array.from({ length: 16 }, (_, at) => String(at)));
  flush();
  const before = [...mount.childNodes];
  words(tree, ...Array.from({ length: 16 * 16 + 18 }, (_, at) => String(at + 16)));
  flush();
  const outer = [...mount.querySelectorAll(":scope > .md-group")];
  expect(outer.map(({ children }) => Array.from(children, (group) => group.children.length))).toEqual([
    Array.from({ length: 16 }, () => 16),
    [16, 2],
  ]);
  expect([...mount.childNodes].slice(0, before.length)).toEqual(before);
  expect(mount.textContent.split("\n")).toEqual(Array.from({ length: 290 }, (_, at) => String(at)));
});

test("groups that hold nothing any more are gone, and come again", () => {
  const { tree, mount, flush } = open();
  words(tree, ...Array.from({ length: 16 * 17 + 1 }, (_, at) => String(at)));
  flush();
  expect(mount.querySelectorAll(":scope > .md-group")).toHaveLength(2);
  for (const size of [16 * 17, 33, 32, 17, 16]) {
    while (tree.root.children.length > size) tree.remove(tree.root, tree.root.children[1] as Child);
    flush();
    expect(mount.innerHTML).toBe(wholeOf(tree));
  }
  expect(mount.querySelector(".md-group")).toBeNull();
  words(tree, "again");
  flush();
  expect(mount.innerHTML).toBe(wholeOf(tree));
});

test("footnotes stand after all blocks, whatever comes later", () => {
  const { tree, mount, flush } = open();
  words(tree, ...Array.from({ length: 15 }, () => "x"));
  const notes: Child = { id: tree.nextId(), type: "footnotes", children: [] };
  tree.insert(tree.root, notes);
  flush();
  for (const word of ["a", "b", "c"]) tree.insert(tree.root, paragraph(tree, text(tree, word)), notes);
  flush();
  expect(mount.lastElementChild?.className).toBe("md-footnotes");
  expect(mount.querySelector(".md-group")?.textContent).toBe("\nb\nc");
  expect(mount.innerHTML).toBe(wholeOf(tree));
});

test("the last element is where words come next, and never among the footnotes", () => {
  const { tree, mount, writer, flush } = open();
  expect(writer.lastElement()).toBe(mount);
  const item: Child = { id: tree.nextId(), type: "list-item", isChecked: undefined, children: [] };
  tree.insert(tree.root, {
    id: tree.nextId(),
    type: "list",
    isOrdered: false,
    start: 1,
    isLoose: false,
    children: [item],
  });
  tree.insert(tree.root, { id: tree.nextId(), type: "footnotes", children: [] });
  flush();
  expect(writer.lastElement().localName).toBe("li");
  tree.insert(item, paragraph(tree, text(tree, "x")));
  flush();
  expect(writer.lastElement()).toBe(mount.querySelector("li > div"));
});

test("a raw element holds what follows it, to its end tag or to the end of what it stands in", () => {
  const { tree, mount, flush } = open();
  const raw = (said: string): InlineNode => ({ id: tree.nextId(), type: "html-span", text: said });
  const target = paragraph(tree, text(tree, "H"), raw("<sub>"), text(tree, "2"));
  tree.insert(tree.root, target);
  flush();
  expect(mount.innerHTML).toBe("<p>H<sub>2</sub></p>");
  tree.insert(target, raw("</sub>"));
  tree.insert(target, text(tree, "O"));
  tree.insert(target, raw("</kbd>"));
  tree.insert(target, raw("<br/>"));
  tree.insert(target, raw('<b onclick="x">'));
  flush();
  expect(mount.innerHTML).toBe('<p>H<sub>2</sub>O&lt;/kbd&gt;<br>&lt;b onclick="x"&gt;</p>');
  tree.remove(target, target.children[1] as Child);
  flush();
  expect(mount.innerHTML).toBe('<p>H2&lt;/sub&gt;O&lt;/kbd&gt;<br>&lt;b onclick="x"&gt;</p>');
});

test("what comes before a sibling stands in the raw element that is open there", () => {
  const { tree, mount, flush } = open();
  const raw = (said: string): InlineNode => ({ id: tree.nextId(), type: "html-span", text: said });
  const end = raw("</sub>");
  const after = text(tree, "!");
  const target = paragraph(tree, text(tree, "H"), raw("<sub>"), text(tree, "2"), end, after);
  tree.insert(tree.root, target);
  flush();
  tree.insert(target, text(tree, "x"), end);
  flush();
  expect(mount.innerHTML).toBe("<p>H<sub>2x</sub>!</p>");
  tree.insert(target, text(tree, "O"), after);
  flush();
  expect(mount.innerHTML).toBe("<p>H<sub>2x</sub>O!</p>");
  tree.insert(target, raw("<b>"), after);
  flush();
  expect(mount.innerHTML).toBe("<p>H<sub>2x</sub>O<b>!</b></p>");
  // The first tag of its paragraph.
  const second = text(tree, "2");
  tree.remove(tree.root, target);
  const plain = paragraph(tree, text(tree, "H"), second);
  tree.insert(tree.root, plain);
  flush();
  tree.insert(plain, raw("<sub>"), second);
  flush();
  expect(mount.innerHTML).toBe("<p>H<sub>2</sub></p>");
});

test("a formula is decorated once it is complete, and anew when it has changed", () => {
  const told: string[] = [];
  const { tree, mount, flush } = open({
    ...NO_DECORATIONS,
    decorateMath(element, tex) {
      told.push(tex);
      element.textContent = "drawn";
      return () => void told.push(`no ${tex}`);
    },
  });
  const math = { id: tree.nextId(), type: "math-span", text: "x", isDisplay: false } as const;
  const formula: InlineNode & { text: string } = { ...math };
  const target = paragraph(tree, formula);
  tree.insert(tree.root, target);
  flush();
  expect(told).toEqual([]);
  tree.setText(formula, 1, "^2");
  flush();
  tree.insert(target, text(tree, " is"));
  flush();
  expect(told).toEqual(["x^2"]);
  tree.setText(formula, 1, "");
  flush();
  expect(told).toEqual(["x^2", "no x^2", "x"]);
  tree.remove(tree.root, target);
  flush();
  expect(told.at(-1)).toBe("no x");
  expect(mount.textContent).toBe("");
});

test("closed lines of code are told, an open one never", () => {
  const told: string[] = [];
  const { tree, mount, flush } = open({
    ...NO_DECORATIONS,
    decorateCode(view) {
      let seen = 0;
      told.push(`info ${view.info}`);
      return {
        linesClosed() {
          for (; seen < view.lineCount(); seen += 1) {
            const { node, text: said } = view.line(seen);
            told.push(said);
            const span = document.createElement("span");
            span.textContent = node.textContent;
            node.replaceWith(span);
          }
        },
        dispose: () => void told.push("gone"),
      };
    },
  });
  const code: Child & { text: string; isOpen: boolean } = {
    id: tree.nextId(),
    type: "code-block",
    isFenced: true,
    info: "js",
    text: "a\nb",
    isOpen: true,
  };
  tree.insert(tree.root, code);
  flush();
  expect(told).toEqual(["info js", "a"]);
  tree.setText(code, 3, "c\n");
  flush();
  tree.setText(code, 5, "d");
  flush();
  tree.setText(code, 5, "e");
  expect(told).toEqual(["info js", "a", "bc"]);
  code.isOpen = false;
  tree.set(code);
  flush();
  expect(told).toEqual(["info js", "a", "bc", "e"]);
  expect(mount.querySelector("code > .md-lines")?.innerHTML).toBe(
    '<span class="md-lines"><span>a\n</span><span>bc\n</span><span>e</span></span>',
  );
  tree.remove(tree.root, code);
  flush();
  expect(told.at(-1)).toBe("gone");
});

/** One change anywhere in the tree, chosen by numbers. */
function edit(tree: EditedTree, choice: number, where: number, size: number): void {
  const nodes = tree.all();
  const picked = nodes[where % Math.max(1, nodes.length)];
  const blockParents = [{ node: tree.root as MarkdownNode }, ...nodes].filter(({ node }) =>
    ["document", "block-quote", "list-item"].includes(node.type),
  );
  const blockParent = blockParents[where % blockParents.length]?.node ?? tree.root;
  const inlineParents = nodes.filter(({ node }) =>
    ["paragraph", "heading", "emphasis", "link", "image", "table-cell"].includes(node.type),
  );
  const inlineParent = inlineParents[where % Math.max(1, inlineParents.length)]?.node;
  const id = (): number => tree.nextId();
  const leaf = (): InlineNode => {
    switch (size % 9) {
      case 0:
        return { id: id(), type: "html-span", text: "<sub>" };
      case 1:
        return { id: id(), type: "html-span", text: "</sub>" };
      case 2:
        return { id: id(), type: "html-span", text: "<x>" };
      case 3:
        return { id: id(), type: "emphasis", children: [text(tree, "em")] };
      case 4:
        return {
          id: id(),
          type: "image",
          destination: "https://e.org/i",
          title: undefined,
          children: [text(tree, "alt")],
        };
      case 5:
        return {
          id: id(),
          type: "link",
          destination: "https://e.org",
          title: undefined,
          children: [text(tree, "go")],
        };
      case 6:
        return { id: id(), type: "hard-break" };
      default:
        return text(tree, "word ".repeat(size));
    }
  };
  const row = (isHeader: boolean): BlockNode => ({
    id: id(),
    type: "table-row",
    isHeader,
    children: [{ id: id(), type: "table-cell", alignment: undefined, children: [text(tree, "cell")] }],
  });
  const block = (): BlockNode => {
    switch (size % 6) {
      case 0:
        return { id: id(), type: "block-quote", children: [paragraph(tree, text(tree, "q"))] };
      case 1:
        return { id: id(), type: "list", isOrdered: false, start: 1, isLoose: false, children: [] };
      case 2:
        return {
          id: id(),
          type: "code-block",
          isFenced: true,
          info: "",
          text: "a\n".repeat(size),
          isOpen: true,
        };
      case 3:
        return { id: id(), type: "table", alignments: [undefined], children: [row(true) as never] };
      case 4:
        return { id: id(), type: "html-block", text: "<br>" };
      default:
        return paragraph(tree, text(tree, "p"));
    }
  };
  const siblings = picked === undefined ? [] : childrenOf(picked.parent);
  const before = (parent: MarkdownNode): Child | undefined =>
    choice % 2 === 0 ? undefined : childrenOf(parent)[size % Math.max(1, childrenOf(parent).length)];
  switch (choice % 8) {
    case 0:
    case 1:
      // Many at a time, for groups to fill.
      for (let at = 0; at <= (size > 20 ? 30 : 0); at += 1)
        tree.insert(blockParent, block(), before(blockParent));
      return;
    case 2:
    case 3:
      if (inlineParent !== undefined) tree.insert(inlineParent, leaf(), before(inlineParent));
      return;
    case 4:
      // Cells and headers stay.
      if (picked !== undefined && !picked.parent.type.startsWith("table") && siblings.length > 0)
        tree.remove(picked.parent, picked.node);
      return;
    case 5: {
      const list = nodes.find(({ node }) => node.type === "list")?.node;
      const table = nodes.find(({ node }) => node.type === "table")?.node;
      if (list?.type === "list") {
        for (let at = 0; at < size; at += 1) {
          tree.insert(list, {
            id: id(),
            type: "list-item",
            isChecked: at % 2 === 0 ? undefined : true,
            children: [],
          });
        }
      }
      if (table !== undefined) for (let at = 0; at < size; at += 1) tree.insert(table, row(false));
      return;
    }
    case 6: {
      if (picked === undefined || !("text" in picked.node)) return;
      const { node } = picked;
      // The last line of code only.
      const least = node.type === "code-block" ? node.text.lastIndexOf("\n") + 1 : 0;
      const keep = Math.max(least, node.text.length - size);
      tree.setText(node, keep, node.type === "html-span" ? "b>" : "\nmore");
      return;
    }
    case 7:
      if (picked?.node.type === "list") {
        picked.node.isLoose = !picked.node.isLoose;
        tree.set(picked.node);
      } else if (picked?.node.type === "link") {
        picked.node.destination = size % 2 === 0 ? "javascript:1" : "https://f.org";
        tree.set(picked.node);
      } else if (picked?.node.type === "list-item") {
        picked.node.isChecked = size % 2 === 0 ? undefined : size % 3 === 0;
        tree.set(picked.node);
      }
  }
}

test("whatever changes came, the page is that of the tree written at once", () => {
  const step = fc.tuple(fc.nat(7), fc.nat(400), fc.nat(40), fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 90 }), (steps) => {
      const { tree, mount, flush } = open();
      for (const [choice, where, size, isFlush] of steps) {
        edit(tree, choice, where, size);
        if (isFlush) flush();
      }
      flush();
      expect(mount.innerHTML).toBe(wholeOf(tree));
    }),
    { numRuns: 150 },
  );
});
