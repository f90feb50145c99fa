const ROLES: Readonly<Record<string, string>> = {
  table: "table",
  thead: "rowgroup",
  tbody: "rowgroup",
  tr: "row",
  th: "columnheader",
  td: "cell",
};

/**
 * Says of each part of a table what it is: some browsers take it from the styles alone. Parts that come later are told, too.
 * Returns a disposer that leaves none.
 */
export function followRoles(table: HTMLTableElement): () => void {
  const setRoles = (element: Element): void => {
    setRole(element);
    for (const part of element.querySelectorAll("thead, tbody, tr, th, td")) setRole(part);
  };
  const observer = new MutationObserver((records) => {
    for (const { addedNodes } of records)
      for (const node of addedNodes) if (node instanceof Element) setRoles(node);
  });
  setRoles(table);
  observer.observe(table, { childList: true, subtree: true });
  return () => {
    observer.disconnect();
    for (const part of [table, ...table.querySelectorAll("[role]")])
      if (part.localName in ROLES) part.removeAttribute("role");
  };
}

function setRole(element: Element): void {
  const role = ROLES[element.localName];
  if (role !== undefined) element.setAttribute("role", role);
}
