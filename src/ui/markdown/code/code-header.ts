import type { CodeView } from "../decorations.ts";
import type { CodeInfo } from "./code-info.ts";
import type { CodeWrap } from "./code-wrap.ts";
import { copyText } from "./copy-text.ts";
import { addHeaderButton } from "./header-button.ts";

/** How long a button says what came of its press. Unit: ms. */
const SAID_MS = 2_000;

/** Fills the header of a block: what it is, and what can be done with it. Returns an idempotent disposer. */
export function fillCodeHeader(view: CodeView, info: CodeInfo, wrap: CodeWrap): () => void {
  const { header, element } = view;
  element.setAttribute("aria-label", info.label === "" ? "Code" : `Code: ${info.label}`);
  const name = document.createElement("span");
  name.className = "md-code-name";
  name.dataset["name"] = info.label;
  if (info.fileName !== undefined) name.title = info.fileName;
  header.append(name);
  addWrapButton(view, wrap);
  return addCopyButton(view);
}

function addWrapButton(view: CodeView, wrap: CodeWrap): void {
  const { element } = view;
  const button = addHeaderButton(view.header, () => {
    wrap.set(!element.classList.contains("md-code-wrapped"));
    show(wrap.isOn());
  });
  const show = (isOn: boolean): void => {
    element.classList.toggle("md-code-wrapped", isOn);
    button.element.setAttribute("aria-pressed", String(isOn));
  };
  button.say("Wrap", "Wrap long lines");
  show(wrap.isOn());
}

function addCopyButton(view: CodeView): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const sayIdle = (): void => button.say("Copy", "Copy code");
  const press = async (): Promise<void> => {
    const outcome = await copyText(view.text(), view.scroller.querySelector("code") ?? view.scroller);
    if (outcome === "copied") button.say("Copied", "Copied");
    else button.say("Selected", "Selected: press the keys for copying");
    clearTimeout(timer);
    timer = setTimeout(sayIdle, SAID_MS);
  };
  const button = addHeaderButton(view.header, () => void press());
  button.element.classList.add("md-copy");
  sayIdle();
  return () => clearTimeout(timer);
}
