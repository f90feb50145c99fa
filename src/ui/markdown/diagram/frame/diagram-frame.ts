import type { DrawAnswer, DrawRequest } from "../diagram-messages.ts";
import { drawDiagram } from "./draw-diagram.ts";

// Entry of the frame: it knows nothing of the page but the port that the page gives it.
const canvas = document.createElement("main");
document.body.append(canvas);

addEventListener(
  "message",
  (event) => {
    const [port] = event.ports;
    if (port === undefined || event.source !== parent) return;
    serve(port);
  },
  { once: true },
);

function serve(port: MessagePort): void {
  const answer = (message: DrawAnswer): void => port.postMessage(message);
  let isDrawn = false;
  const tellHeight = (): void => {
    if (isDrawn) answer({ kind: "drawn", height: Math.ceil(canvas.getBoundingClientRect().height) });
  };
  new ResizeObserver(tellHeight).observe(canvas);
  port.addEventListener("message", (event: MessageEvent<DrawRequest>) => void draw(event.data));
  port.start();

  async function draw(request: DrawRequest): Promise<void> {
    document.documentElement.dataset["theme"] = request.isDark ? "dark" : "light";
    try {
      await drawDiagram(canvas, request);
      isDrawn = true;
      tellHeight();
    } catch (error) {
      isDrawn = false;
      canvas.replaceChildren();
      answer({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
    }
  }
}
