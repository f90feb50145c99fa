/** A button of a block's header. Its word is drawn by CSS: the words of the page are the words of the answer. */
export interface HeaderButton {
  readonly element: HTMLButtonElement;
  /** @param word What is drawn. @param label What is read aloud and shown on hover. */
  say(word: string, label: string): void;
}

export function addHeaderButton(header: HTMLElement, onPress: () => void): HeaderButton {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "md-code-button";
  element.addEventListener("click", onPress);
  header.append(element);
  return {
    element,
    say(word, label) {
      element.dataset["word"] = word;
      element.setAttribute("aria-label", label);
      element.title = label;
    },
  };
}
