import "../../src/ui/styles/tokens.css";
import "../../src/ui/styles/conversation.css";
import "../../src/ui/styles/answer.css";
import "../../src/ui/markdown/markdown.css";

/** The place of one answer, with the elements and the styles that it has in the app. */
export interface Stage {
  /** The answer's own element. */
  readonly mount: HTMLElement;
  /** Keeps the end in sight, as the app does after each write: this is what forces layout. */
  pin(): void;
  dispose(): void;
}

export function createStage(): Stage {
  const scroller = element("div", "conversation-scroll");
  scroller.style.height = "720px";
  const content = element("div", "conversation-content");
  const answer = element("article", "message answer");
  const body = element("div", "answer-body");
  const text = element("div", "answer-text");
  const part = element("div", "answer-part");
  const mount = element("div", "prose");
  part.append(mount);
  text.append(part);
  body.append(text);
  answer.append(body);
  const row = element("section", "turn-row");
  row.append(answer);
  content.append(row);
  scroller.append(content);
  document.querySelector("#stage")?.append(scroller);
  return {
    mount,
    pin() {
      scroller.scrollTop = scroller.scrollHeight;
    },
    dispose: () => scroller.remove(),
  };
}

function element(name: string, classes: string): HTMLElement {
  const made = document.createElement(name);
  made.className = classes;
  return made;
}
