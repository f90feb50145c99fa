import { parseDrawAnswer, type DrawAnswer, type DrawRequest } from "./diagram-messages.ts";

/** The page that draws, in a frame with an origin of its own: it reaches neither this page nor the network. */
export interface DiagramFrame {
  readonly element: HTMLElement;
  draw(request: DrawRequest): void;
  /** Idempotent. */
  dispose(): void;
}

/** Draws once the frame has loaded; the last request counts. */
export function createDiagramFrame(onAnswer: (answer: DrawAnswer) => void): DiagramFrame {
  const element = document.createElement("iframe");
  const { port1: port, port2: framePort } = new MessageChannel();
  element.className = "md-diagram-frame";
  element.title = "Diagram";
  element.setAttribute("sandbox", "allow-scripts");
  element.setAttribute("referrerpolicy", "no-referrer");
  element.src = `${import.meta.env.BASE_URL}diagram.html`;
  element.addEventListener(
    "load",
    () => {
      // Its origin is opaque and can't be named. Who else could hear it is nobody: `frame-src` lets no other page in.
      element.contentWindow?.postMessage("connect", "*", [framePort]);
    },
    { once: true },
  );
  port.addEventListener("message", (event) => {
    const answer = parseDrawAnswer(event.data);
    if (answer !== undefined) onAnswer(answer);
  });
  port.start();
  return {
    element,
    draw: (request) => port.postMessage(request),
    dispose() {
      port.close();
      element.remove();
    },
  };
}
